//! The option slot: the place in a part's own data where composing writes the options that the part reads.
//!
//! A core module of the part has a custom section that marks it, and its last two data segments are passive. They become
//! the number of options, and the *image*: for each option where its name and its value stand, then the names and values.
//! The part copies them into its memory when it first needs them. Everything else stays as it is, byte for byte.

use crate::wasm::sections::{Section, id, sections};
use std::{borrow::Cow, collections::BTreeMap};
use wasm_encoder::{Encode, RawSection, Section as _};
use wasmparser::{BinaryReader, BinaryReaderError, Data, DataKind, DataSectionReader};

/// The custom section that marks the core module with the slot. It is empty, and composing removes it.
const MARKER: &str = "msgcompose:options";

/// What is wrong with an option slot.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SlotError {
    #[error(transparent)]
    Malformed(#[from] BinaryReaderError),
    #[error("several core modules have one")]
    Several,
    #[error("its core module has fewer than two data segments")]
    TooFewSegments,
    #[error("the last two data segments of its core module are not passive")]
    NotPassive,
    #[error("the last two data segments of its core module do not hold the number 0 and an empty image")]
    NotEmpty,
}

/// Returns whether a part has an option slot.
pub(crate) fn is_in(part: &[u8]) -> bool {
    !matches!(find(part), Ok(None) | Err(SlotError::Malformed(_)))
}

/// Writes options into the slot of a part, and removes its mark. A part without a slot is returned as it is.
pub(crate) fn write<'a>(part: Cow<'a, [u8]>, options: &BTreeMap<String, String>) -> Result<Cow<'a, [u8]>, SlotError> {
    let Some((slot, inner)) = find(&part)? else { return Ok(part) };
    let module = filled(slot.data, &inner, options)?;
    let mut out = part[..slot.start].to_vec();
    RawSection { id: id::CORE_MODULE, data: &module }.append_to(&mut out);
    out.extend_from_slice(&part[slot.data_start + slot.data.len()..]);
    Ok(out.into())
}

/// Returns the core module of a component that has the slot, and the module's sections.
fn find(part: &[u8]) -> Result<Option<(Section<'_>, Vec<Section<'_>>)>, SlotError> {
    let mut found = None;
    for module in sections(part, 0)?.into_iter().filter(|section| section.id == id::CORE_MODULE) {
        let inner = sections(module.data, 0)?;
        if inner.iter().any(is_marker) && found.replace((module, inner)).is_some() {
            return Err(SlotError::Several);
        }
    }
    Ok(found)
}

fn is_marker(section: &Section<'_>) -> bool {
    section.id == id::CUSTOM && BinaryReader::new(section.data, 0).read_string().is_ok_and(|name| name == MARKER)
}

/// Returns the module with options in its slot.
fn filled(module: &[u8], sections: &[Section<'_>], options: &BTreeMap<String, String>) -> Result<Vec<u8>, SlotError> {
    let data = sections.iter().find(|section| section.id == id::DATA).ok_or(SlotError::TooFewSegments)?;
    let data_section = with_options(data, options)?;
    let mut out = Vec::with_capacity(module.len() + data_section.len());
    let mut from = 0;
    for section in sections {
        let end = section.data_start + section.data.len();
        if section.id == id::DATA || is_marker(section) {
            out.extend_from_slice(&module[from..section.start]);
            from = end;
        }
        if section.id == id::DATA {
            RawSection { id: id::DATA, data: &data_section }.append_to(&mut out);
        }
    }
    out.extend_from_slice(&module[from..]);
    Ok(out)
}

/// Returns the content of a data section, with options in place of its last two segments.
fn with_options(section: &Section<'_>, options: &BTreeMap<String, String>) -> Result<Vec<u8>, SlotError> {
    const PASSIVE: u8 = 1;

    let segments: Vec<_> =
        DataSectionReader::new(section.reader(0))?.into_iter_with_offsets().collect::<Result<_, _>>()?;
    let [.., (start, number), (_, image)] = &segments[..] else { return Err(SlotError::TooFewSegments) };
    let is_passive = |segment: &Data<'_>| matches!(segment.kind, DataKind::Passive);
    if !is_passive(number) || !is_passive(image) {
        return Err(SlotError::NotPassive);
    }
    if number.data != 0_u32.to_le_bytes() || !image.data.is_empty() {
        return Err(SlotError::NotEmpty);
    }
    let kept = usize::try_from(*start).map_or(0, |start| start - section.data_start);
    let mut out = section.data[..kept].to_vec();
    for segment in [&super::size(options.len()).to_le_bytes()[..], &super::image(options, 0)] {
        out.push(PASSIVE);
        segment.encode(&mut out);
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasmparser::{Parser, Payload, Validator};

    const SLOT: &str = r#"(data "\00\00\00\00") (data "") (@custom "msgcompose:options" "")"#;

    /// Returns a component with a core module that has a name and these fields, between two other sections.
    fn part(fields: &str) -> Vec<u8> {
        let module = format!(
            r#"(core module $code (memory 1) {fields}
                (func (memory.init 0 (i32.const 0) (i32.const 0) (i32.const 0)))
                (@custom "other" "stays"))"#
        );
        wat::parse_str(format!("(component (core module) {module} (component))")).unwrap()
    }

    fn options(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    /// Returns the segments of all modules, and their custom sections.
    fn read(component: &[u8]) -> (Vec<Vec<u8>>, Vec<String>) {
        Validator::new().validate_all(component).unwrap();
        let (mut segments, mut custom) = (Vec::new(), Vec::new());
        for payload in Parser::new(0).parse_all(component) {
            match payload.unwrap() {
                Payload::DataSection(data) => {
                    segments.extend(data.into_iter().map(|segment| segment.unwrap().data.to_vec()));
                }
                Payload::CustomSection(section) => custom.push(section.name().to_owned()),
                _ => {}
            }
        }
        (segments, custom)
    }

    fn refusal(fields: &str) -> SlotError {
        let part = part(fields);
        assert!(is_in(&part));
        write(part.into(), &BTreeMap::new()).unwrap_err()
    }

    #[test]
    fn options_take_the_places_of_the_last_two_segments() {
        let prebuilt = part(&format!(r#"(data (i32.const 8) "active") (data "passive") {SLOT}"#));
        let set = options(&[("topic", "a.b"), ("empty", ""), ("name", "Grüße")]);
        let written = write(prebuilt.as_slice().into(), &set).unwrap();
        let (segments, custom) = read(&written);
        assert_eq!(custom, ["other", "name", "component-name"]);
        let [active, passive, number, image] = &segments[..] else { panic!("{segments:?}") };
        assert_eq!((&active[..], &passive[..], &number[..]), (&b"active"[..], &b"passive"[..], &[3, 0, 0, 0][..]));
        let words: Vec<_> = image[..48].chunks(4).map(|word| u32::from_le_bytes(word.try_into().unwrap())).collect();
        assert_eq!(words, [48, 5, 53, 0, 53, 4, 57, 7, 64, 5, 69, 3]);
        assert_eq!(&image[48..], "emptynameGrüßetopica.b".as_bytes());
    }

    /// Nothing but the two segments, the mark, and the sizes of what is around them differs.
    #[test]
    fn everything_else_stays_byte_for_byte() {
        let fields = r#"(data (i32.const 8) "active") (data "\00\00\00\00") (data "")"#;
        let unmarked = part(fields);
        let written = write(part(&format!(r#"{fields} (@custom "msgcompose:options" "")"#)).into(), &options(&[]));
        assert!(written.unwrap() == unmarked);
    }

    #[test]
    fn the_same_options_give_the_same_bytes_and_a_slot_is_written_once() {
        let (prebuilt, set) = (part(SLOT), options(&[("a", "b"), ("c", "d")]));
        let once = write(prebuilt.as_slice().into(), &set).unwrap();
        assert!(once == write(prebuilt.as_slice().into(), &set).unwrap());
        assert!(!is_in(&once));
        assert!(write(once.clone(), &options(&[("a", "other")])).unwrap() == once);
    }

    #[test]
    fn large_options_have_their_sizes_written_anew() {
        let value = "x".repeat(70_000);
        let written = write(part(SLOT).into(), &options(&[("long", &value)])).unwrap();
        let (segments, _) = read(&written);
        assert_eq!(segments[1].len(), 16 + 4 + value.len());
        assert!(segments[1].ends_with(value.as_bytes()));
    }

    #[test]
    fn a_part_without_a_slot_is_as_it_was() {
        let nested = wat::parse_str(format!("(component (component (core module {SLOT})))")).unwrap();
        for part in [part(r#"(data "\00\00\00\00") (data "")"#), nested] {
            assert!(!is_in(&part));
            let written = write(part.as_slice().into(), &options(&[("a", "b")])).unwrap();
            assert!(matches!(written, Cow::Borrowed(_)) && *written == part);
        }
        assert!(!is_in(b"no component"));
    }

    #[test]
    fn a_malformed_slot_is_refused() {
        let mark = r#"(@custom "msgcompose:options" "")"#;
        assert!(matches!(refusal(&format!(r#"(data "") {mark}"#)), SlotError::TooFewSegments));
        let active = format!(r#"(data (i32.const 0) "\00\00\00\00") (data "") {mark}"#);
        assert!(matches!(refusal(&active), SlotError::NotPassive));
        let active = format!(r#"(data "\00\00\00\00") (data (i32.const 0) "") {mark}"#);
        assert!(matches!(refusal(&active), SlotError::NotPassive));
        for other in [r#"(data "\01\00\00\00") (data "")"#, r#"(data "\00\00\00\00") (data "text")"#, "(data) (data)"] {
            assert!(matches!(refusal(&format!("{other} {mark}")), SlotError::NotEmpty));
        }
        let none = wat::parse_str(format!("(component (core module {mark}))")).unwrap();
        assert!(matches!(write(none.into(), &BTreeMap::new()), Err(SlotError::TooFewSegments)));
        let two = wat::parse_str(format!("(component (core module {SLOT}) (core module {SLOT}))")).unwrap();
        assert!(is_in(&two));
        assert!(matches!(write(two.into(), &BTreeMap::new()), Err(SlotError::Several)));
    }
}
