//! Properties of all inputs: codecs and matching, and no bytes make msgcompose panic.

use crate::support::{FLAGSHIP, dummy, fixture};
use msgcompose::{
    Composition, ErrorKind, Remedied, adapters,
    adapters::OptionType,
    skeleton::{skeleton, without_custom_sections},
    types::{ExternName, InterfaceId},
};
use proptest::{collection::vec, prelude::*};
use reqreply::{
    decimal, envelope, id,
    mailbox::{self, Admission, CLOSED, Drop, OPEN, Seat},
    metadata,
    seen::Seen,
    topic,
};

/// The rule of [`topic::matches`] in the simplest form: it tries every way to split.
fn matches_plainly(pattern: &str, topic: &str) -> bool {
    match pattern.chars().next() {
        None => topic.is_empty(),
        Some('>') if pattern.len() == 1 => !topic.is_empty(),
        Some('*') => {
            let run = topic.find(['.', '/']).unwrap_or(topic.len());
            (0..=run)
                .filter(|end| topic.is_char_boundary(*end))
                .any(|end| matches_plainly(&pattern[1..], &topic[end..]))
        }
        Some(c) => topic.strip_prefix(c).is_some_and(|rest| matches_plainly(&pattern[c.len_utf8()..], rest)),
    }
}

fn name() -> impl Strategy<Value = String> {
    "[a-z]{1,4}:[a-z]{1,4}/[a-z]{1,4}(@[0-2]\\.[0-2]\\.[0-2](-[a-c])?)?"
}

proptest! {
    #[test]
    fn a_stored_reply_is_read_back(
        content_type in proptest::option::of(".*"),
        metadata in vec((".*", ".*"), 0..8),
        data in vec(any::<u8>(), 0..300),
    ) {
        let stored = envelope::encode(content_type.as_deref(), &metadata, &data);
        let read = envelope::decode(&stored).unwrap();
        prop_assert_eq!((read.content_type, read.metadata, read.data), (content_type, metadata, &data[..]));
    }

    #[test]
    fn whatever_lies_in_the_mailbox_is_read_or_refused(bytes in vec(any::<u8>(), 0..200)) {
        if let Some(read) = envelope::decode(&bytes) {
            prop_assert_eq!(envelope::encode(read.content_type.as_deref(), &read.metadata, read.data), bytes);
        }
    }

    #[test]
    fn a_cut_or_changed_reply_never_panics(metadata in vec((".{0,5}", ".{0,5}"), 0..4), at in any::<prop::sample::Index>(), byte: u8) {
        let mut stored = envelope::encode(Some("text/plain"), &metadata, b"data");
        let at = at.index(stored.len());
        let _ = envelope::decode(&stored[..at]);
        stored[at] = byte;
        let _ = envelope::decode(&stored);
    }

    #[test]
    fn patterns_match_as_the_plain_rule_says(pattern in "[ab*./>é]{0,7}", topic in "[ab./é]{0,7}") {
        prop_assert_eq!(topic::matches(&pattern, &topic), matches_plainly(&pattern, &topic));
    }

    #[test]
    fn a_topic_matches_itself_and_everything(topic in "[a-z-]{1,5}([./][a-z-]{1,5}){0,3}") {
        prop_assert!(topic::matches(&topic, &topic));
        prop_assert!(topic::matches(">", &topic));
        prop_assert!(topic::is_single(&topic));
    }

    /// Brokers serve themselves on topics such as `$JS.API.STREAM.DELETE.orders` and `$SYS/broker/log`.
    #[test]
    fn a_wildcard_does_not_match_a_leading_dollar(topic in "\\$[A-Z]{1,4}([./][a-z-]{1,5}){0,3}", pattern in "[*>][a-z.*>/]{0,5}") {
        prop_assert!(!topic::matches(&pattern, &topic));
        prop_assert!(topic::matches(&topic, &topic));
        prop_assert!(topic::matches("$>", &topic));
    }

    #[test]
    fn a_topic_with_whitespace_or_an_empty_token_is_not_single(
        before in "[a-z.]{0,5}",
        bad in "[ \t\r\n\u{a0}\u{85}]|\\.\\.|//|\\./",
        after in "[a-z.]{0,5}",
    ) {
        prop_assert!(!topic::is_single(&[before.as_str(), &bad, &after].concat()));
        let (begins, ends) = (format!(".{after}"), format!("{before}/"));
        prop_assert!(!topic::is_single(&begins) && !topic::is_single(&ends));
    }

    #[test]
    fn a_message_id_is_new_once(ids in vec("[ab]{0,2}", 0..30)) {
        let (mut seen, mut plainly) = (Seen::default(), std::collections::BTreeSet::new());
        for id in &ids {
            prop_assert_eq!(seen.has(Some(id)), plainly.contains(id));
            prop_assert_eq!(seen.is_new(Some(id)), id.is_empty() || plainly.insert(id));
            prop_assert!(seen.is_new(None));
        }
    }

    #[test]
    fn an_id_is_the_bits_in_hexadecimal(high: u64, low: u64) {
        let id = id::from_bits(high, low);
        prop_assert_eq!(&id, &format!("{high:016x}{low:016x}"));
        prop_assert!(id::is_valid(&id));
        prop_assert_eq!(decimal(high), high.to_string());
    }

    #[test]
    fn only_ids_are_ids(text in ".*") {
        prop_assert_eq!(id::is_valid(&text), text.len() == 32 && text.chars().all(|c| "0123456789abcdef".contains(c)));
    }

    #[test]
    fn keys_hold_only_what_stores_accept(prefix in "[A-Za-z0-9/_.=-]{0,9}", high: u64, low: u64, slot: u64) {
        let id = id::from_bits(high, low);
        for key in [
            mailbox::counter_key(&prefix, &id),
            mailbox::slot_key(&prefix, &id, slot),
            mailbox::seat_key(&prefix, slot),
            mailbox::dropped_key(&prefix, Drop::Duplicate),
        ] {
            prop_assert!(key.starts_with(&prefix));
            prop_assert!(key.chars().all(|c| c.is_ascii_alphanumeric() || "/_.=-".contains(c)), "{}", key);
        }
        prop_assert_eq!(mailbox::slot_key(&prefix, &id, slot), [prefix, id, ".".into(), slot.to_string()].concat());
    }

    /// In whatever order a counter changes, a late reply never counts as one in time.
    #[test]
    fn the_counter_tells_open_closing_and_gone_apart(replies in 0..100_000u64, late in 1..100_000u64, closings in 1..5u64) {
        let open = OPEN + replies;
        prop_assert_eq!(mailbox::admission(open + 1), Admission::Slot(replies + 1));
        let closed = open + closings * CLOSED;
        prop_assert_eq!(mailbox::slots_at_close(closed), Some(replies));
        prop_assert_eq!(mailbox::was_closed(closed), closings > 1);
        prop_assert_eq!(mailbox::admission(closed + late), Admission::Closing);
        prop_assert_eq!(mailbox::admission(late), Admission::Gone);
        prop_assert_eq!(mailbox::slots_at_close(late + CLOSED), None);
        prop_assert!(closed < 1 << 53, "stores may count in floating point");
    }

    #[test]
    fn a_seat_is_read_back(
        high: u64,
        low: u64,
        expires: u64,
        closed in proptest::option::of(1..200_000u64),
        junk in vec(any::<u8>(), 0..60),
    ) {
        let id = id::from_bits(high, low);
        let seat = Seat { id: &id, expires, closed };
        let stored = seat.encode();
        prop_assert_eq!(Seat::decode(stored.as_bytes()), Some(seat));
        // As the first release reads it: an id and a number. It does not see where the removal of a closed request goes on.
        if closed.unwrap_or(1) == 1 {
            prop_assert_eq!(stored[id::LENGTH..].parse(), Ok(expires));
        }
        let _ = Seat::decode(&junk);
    }

    #[test]
    fn metadata_has_one_value_a_key(pairs in vec(("[ab]{0,2}", ".{0,3}"), 0..6), key in "[ab]{0,2}", value in ".{0,3}") {
        let mut found = pairs.clone();
        metadata::set(&mut found, &key, value.clone());
        if key.is_empty() {
            prop_assert_eq!(&found, &pairs);
        } else {
            prop_assert_eq!(metadata::get(&found, &key), Some(value.as_str()));
            prop_assert_eq!(found.iter().filter(|(name, _)| *name == key).count(), 1);
        }
        let others = |pairs: &[(String, String)]| pairs.iter().filter(|(name, _)| *name != key).cloned().collect::<Vec<_>>();
        prop_assert_eq!(others(&found), others(&pairs));
        metadata::remove(&mut found, &key);
        prop_assert_eq!(metadata::get(&found, &key), None);
    }

    #[test]
    fn names_of_interfaces_are_printed_as_they_were(text in name()) {
        prop_assert_eq!(text.parse::<InterfaceId>().unwrap().to_string(), text.clone());
        prop_assert_eq!(ExternName::parse(&text).to_string(), text);
    }

    #[test]
    fn any_name_is_kept(text in ".*") {
        prop_assert_eq!(ExternName::parse(&text).to_string(), text);
    }

    #[test]
    fn serving_is_mutual_and_never_across_packages(one in name(), other in name()) {
        let (one, other) = (ExternName::parse(&one), ExternName::parse(&other));
        prop_assert!(one.serves(&one));
        prop_assert_eq!(one.serves(&other), other.serves(&one));
        if one.serves(&other) {
            prop_assert!(one.interface().unwrap().is_same_interface(other.interface().unwrap()));
        }
    }

    #[test]
    fn a_checked_value_passes_the_check_again(value in ".{0,12}") {
        for kind in OptionType::built_in() {
            if let Ok(checked) = kind.parse(&value) {
                prop_assert_eq!(kind.parse(&checked), Ok(checked.clone()), "{}", kind);
            }
        }
    }
}

/// Composes a guest with random bytes. It is composed or refused, without a panic and without an internal error.
fn mutated(changes: &[(prop::sample::Index, u8)], cut: Option<prop::sample::Index>) {
    let mut guest = fixture("quote-desk");
    for (at, byte) in changes {
        let at = at.index(guest.len());
        guest[at] = *byte;
    }
    if let Some(cut) = cut {
        guest.truncate(cut.index(guest.len()));
    }
    let _ = skeleton(&guest);
    let composition = Composition::new("guest.wasm", guest).adapter(adapters::get(FLAGSHIP).unwrap());
    match composition.set("reply-topic", "replies").compose() {
        Ok(_) => {}
        Err(error) => assert_ne!(error.kind(), ErrorKind::Internal, "{error:?}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn a_damaged_guest_is_composed_or_refused(
        changes in vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        cut in proptest::option::weighted(0.2, any::<prop::sample::Index>()),
    ) {
        mutated(&changes, cut);
    }

    #[test]
    fn bytes_that_only_begin_as_webassembly_are_refused(layer in 0..2u8, bytes in vec(any::<u8>(), 0..100)) {
        let mut guest = if layer == 0 { b"\0asm\x01\0\0\0".to_vec() } else { b"\0asm\x0d\0\x01\0".to_vec() };
        guest.extend(bytes);
        let error = Composition::new("x", guest).adapter(adapters::get(FLAGSHIP).unwrap()).compose().unwrap_err();
        prop_assert_ne!(error.kind(), ErrorKind::Internal, "{:?}", error);
    }
}

#[test]
fn a_skeleton_has_the_outside_of_its_component_and_is_its_own_skeleton() {
    let worlds = [
        dummy("package t:a; world a { import wasi:keyvalue/atomics@0.2.0-draft; export wasi:cli/run@0.2.0; }"),
        dummy("package t:b; world b { export wasi:messaging/request-reply@0.2.0-draft; }"),
        dummy("package t:c; world c { import f: func(x: list<string>) -> option<u8>; export g: func(); }"),
    ];
    let fixtures = ["quote-desk", "pricer", "survey", "probe", "stubborn", "chatty", "ticker"].map(fixture);
    for component in worlds.into_iter().chain(fixtures) {
        let reduced = skeleton(&component).unwrap();
        assert!(reduced.len() < component.len());
        assert!(skeleton(&reduced).unwrap() == reduced);
        let outside = |bytes: &[u8]| {
            let inspection = msgcompose::inspect("x", bytes).unwrap();
            (inspection.imports, inspection.exports, inspection.dialects)
        };
        assert_eq!(outside(&reduced), outside(&component));
        let stripped = without_custom_sections(&component).unwrap();
        wasmparser::Validator::new().validate_all(&stripped).unwrap();
        assert!(without_custom_sections(&stripped).unwrap() == stripped);
    }
}
