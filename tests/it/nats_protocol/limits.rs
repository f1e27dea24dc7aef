//! What is kept is bounded, and what is dropped is counted. A session here keeps 4 messages, 4000 bytes of these, 2000
//! bytes of one message, and 3 answers.

use super::{INBOX, complaints, deliveries, hmsg, msg, open, plain, subscribed};
use broker::Session;
use proptest::prelude::*;

#[test]
fn the_newest_messages_are_dropped_when_there_are_too_many() {
    let mut nats = subscribed();
    for number in 0..7 {
        assert_eq!(nats.receive(&msg(&format!("in.{number} 2"), "")), Ok(()));
    }
    assert_eq!(nats.dropped(), 3);
    assert_eq!(nats.delivery().unwrap().topic, "in.0");
    assert_eq!(nats.receive(&msg("in.7 2", "")), Ok(()));
    let topics: Vec<_> = deliveries(&mut nats).into_iter().map(|delivery| delivery.topic).collect();
    assert_eq!(topics, ["in.1", "in.2", "in.3", "in.7"]);
    assert_eq!((nats.dropped(), complaints(&mut nats).len()), (3, 0));
}

#[test]
fn the_newest_messages_are_dropped_when_they_have_too_many_bytes() {
    let mut nats = subscribed();
    assert_eq!(nats.receive(&msg("in.a 2", [0; 1900])), Ok(()));
    assert_eq!(nats.receive(&msg("in.b 2", [0; 1900])), Ok(()));
    assert_eq!(nats.receive(&msg("in.c 2", [0; 1900])), Ok(()));
    assert_eq!(nats.receive(&msg("in.d 2 r", [0; 180])), Ok(()), "a smaller one still fits");
    let topics: Vec<_> = deliveries(&mut nats).into_iter().map(|delivery| delivery.topic).collect();
    assert_eq!(topics, ["in.a", "in.b", "in.d"]);
    assert_eq!(nats.dropped(), 1);
}

#[test]
fn a_message_is_never_too_large_for_an_empty_queue() {
    let mut options = super::options();
    options.limits.bytes = 10;
    let mut nats = nats::Nats::new(options).unwrap();
    nats.subscribe("in.>", None);
    nats.begin(super::ENTROPY);
    assert_eq!(nats.receive([super::INFO, "PONG\r\n"].concat().as_bytes()), Ok(()));
    let ticket = nats.ask("a", &plain("")).unwrap();
    for _ in 0..2 {
        assert_eq!(nats.receive(&msg("in.a 2", [0; 100])), Ok(()));
        assert_eq!(nats.receive(&msg(&format!("{INBOX}.{ticket} 1"), [0; 100])), Ok(()));
    }
    assert_eq!(deliveries(&mut nats).len(), 1);
    assert_eq!((nats.answer(ticket), nats.answer(ticket)), (Some(Ok(plain([0; 100]))), None));
    assert_eq!(nats.dropped(), 2);
}

/// Only its sender is to blame, which need not be trusted.
#[test]
fn a_message_that_is_too_large_is_skipped_and_the_connection_goes_on() {
    for (size, kept) in [(1999, true), (2000, true), (2001, false), (100_000, false)] {
        let mut nats = subscribed();
        let stream = [msg("in.a 2", vec![b'\n'; size]), msg("in.b 2", "next")].concat();
        for piece in stream.chunks(999) {
            assert_eq!(nats.receive(piece), Ok(()));
        }
        let topics: Vec<_> = deliveries(&mut nats).into_iter().map(|delivery| delivery.topic).collect();
        assert_eq!(topics, if kept { vec!["in.a", "in.b"] } else { vec!["in.b"] });
        assert_eq!(nats.dropped(), u64::from(!kept));
        let complaint = "a message to `in.a` was dropped: it has more bytes than a message may have";
        assert_eq!(complaints(&mut nats), if kept { vec![] } else { vec![complaint] });
    }
    // Servers may let more pass than this client may send, for example from other accounts, but not any number.
    let mut nats = subscribed();
    assert_eq!(nats.receive(b"MSG in.a 2 67000000\r\n"), Ok(()));
    assert!(subscribed().receive(b"MSG in.a 2 68000000\r\n").is_err());
    assert_eq!(nats.receive(&vec![0; 1_000_000]), Ok(()));
    let mut nats = super::open_to("INFO {\"max_payload\":100000000}\r\n");
    assert_eq!(nats.receive(b"MSG in.a 2 100000000\r\n"), Ok(()));
    let mut nats = super::open_to("INFO {\"max_payload\":18446744073709551615}\r\n");
    assert_eq!(nats.receive(b"HMSG in.a 2 9 18446744073709551615\r\nxxx"), Ok(()));
}

/// In memory, a header takes more than its bytes.
#[test]
fn a_message_of_many_small_headers_is_too_large() {
    let message = |headers: usize| {
        let head = ["NATS/1.0\r\n", &"a:\r\n".repeat(headers), "\r\n"].concat();
        hmsg("in.a 2", head, "")
    };
    let mut nats = subscribed();
    assert_eq!(nats.receive(&message(29)), Ok(()));
    assert_eq!(nats.dropped(), 0);
    assert_eq!(nats.receive(&message(30)), Ok(()));
    assert_eq!(nats.dropped(), 1);
}

#[test]
fn answers_to_each_request_are_bounded() {
    let mut nats = open();
    let tickets = [nats.ask("a", &plain("")).unwrap(), nats.ask("a", &plain("")).unwrap()];
    for ticket in tickets {
        for number in 0..5 {
            assert_eq!(nats.receive(&msg(&format!("{INBOX}.{ticket} 1"), [number])), Ok(()));
        }
    }
    assert_eq!(nats.dropped(), 4);
    for ticket in tickets {
        let answers: Vec<_> = std::iter::from_fn(|| nats.answer(ticket)).collect();
        assert_eq!(answers, [0, 1, 2].map(|number| Ok(plain([number]))));
    }
    let ticket = nats.ask("a", &plain("")).unwrap();
    for _ in 0..3 {
        assert_eq!(nats.receive(&msg(&format!("{INBOX}.{ticket} 1"), [0; 1500])), Ok(()));
    }
    assert_eq!(nats.dropped(), 5);
    // What was taken counts: the guest gets all answers at once.
    assert!(nats.answer(ticket).is_some());
    assert_eq!(nats.receive(&msg(&format!("{INBOX}.{ticket} 1"), [0; 1500])), Ok(()));
    assert_eq!(nats.dropped(), 6);
}

proptest! {
    /// Each message is kept or counted.
    #[test]
    fn no_message_is_lost_in_silence(
        messages in proptest::collection::vec((0..2100usize, any::<bool>(), any::<bool>()), 0..20),
    ) {
        let mut nats = subscribed();
        let ticket = nats.ask("a", &plain("")).unwrap();
        let mut taken = 0;
        let mut failed = false;
        for (size, to_inbox, take) in &messages {
            let inbox = format!("{INBOX}.{ticket} 1");
            nats.receive(&msg(if *to_inbox { &inbox } else { "in.a 2" }, vec![0; *size])).unwrap();
            // What comes after an answer that is too large is not waited for.
            let ends = *to_inbox && *size > 2000;
            taken += u64::from(*to_inbox && failed && !ends);
            failed |= ends;
            if *take {
                taken += deliveries(&mut nats).len() as u64;
            }
        }
        taken += deliveries(&mut nats).len() as u64;
        taken += std::iter::from_fn(|| nats.answer(ticket)).filter(Result::is_ok).count() as u64;
        prop_assert_eq!(taken + nats.dropped(), messages.len() as u64);
    }
}
