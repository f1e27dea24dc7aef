//! Makes the data of a core module passive: a `start` function copies it into the memory.
//!
//! An engine maps the data of active segments into each new memory, copy on write. Then the first read of a page is a
//! fault, and the first write another one, with a copy. A memory without such a map has one fault for each page.

use super::core_module::{CoreModule, Segment};
use anyhow::{Result, bail};
use wasm_encoder::Function;

/// Copying a segment takes more bytes than this, so a smaller gap between two is filled.
const GAP: usize = 16;

/// Makes all data passive. A module without data stays as it is.
pub fn make_passive(module: &mut CoreModule<'_>) -> Result<()> {
    let mut united: Vec<(i32, Vec<u8>)> = Vec::new();
    for Segment { place, bytes } in std::mem::take(&mut module.data) {
        let Some(place) = place else { bail!("a data segment is passive already") };
        if let Some((first, before)) = united.last_mut()
            && let Some(gap) = gap(*first, before, place).filter(|gap| *gap <= GAP)
        {
            before.resize(before.len() + gap, 0);
            before.extend(bytes);
        } else {
            united.push((place, bytes));
        }
    }
    if united.is_empty() {
        return Ok(());
    }
    if module.start.is_some() {
        bail!("the module has a `start` already");
    }
    let mut copying = Function::new([]);
    let mut body = copying.instructions();
    for (segment, (place, bytes)) in (0..).zip(&united) {
        body.i32_const(*place).i32_const(0).i32_const(i32::try_from(bytes.len())?);
        body.memory_init(0, segment);
    }
    body.end();
    module.start = Some(module.add(&[], &[], copying));
    module.data = united.into_iter().map(|(_, bytes)| Segment { place: None, bytes }).collect();
    Ok(())
}

/// The number of bytes between a segment and the next. None if the next begins before the segment ends.
fn gap(first: i32, bytes: &[u8], next: i32) -> Option<usize> {
    usize::try_from(next.checked_sub(first)?).ok()?.checked_sub(bytes.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passive(text: &str) -> Result<Vec<u8>> {
        let bytes = wat::parse_str(text)?;
        let mut module = CoreModule::read(&bytes)?;
        make_passive(&mut module)?;
        Ok(module.write())
    }

    #[test]
    fn data_is_copied_by_the_start_function() {
        let written = passive(
            r#"(module
                (import "m" "f" (func))
                (memory 1)
                (func (export "g") (param i32))
                (data (i32.const 16) "one") (data (i32.const 21) "more") (data (i32.const 99) "two"))"#,
        );
        let written = written.unwrap();
        wasmparser::Validator::new().validate_all(&written).unwrap();
        let module = CoreModule::read(&written).unwrap();
        assert_eq!(module.start, Some(2));
        // A small gap is filled.
        let passive = |bytes: &[u8]| Segment { place: None, bytes: bytes.to_vec() };
        assert_eq!(module.data, [passive(b"one\0\0more"), passive(b"two")]);
    }

    #[test]
    fn a_module_without_data_stays_as_it_is() {
        let text = "(module (func))";
        assert_eq!(passive(text).unwrap(), CoreModule::read(&wat::parse_str(text).unwrap()).unwrap().write());
    }

    #[test]
    fn a_start_function_is_not_replaced() {
        let refused = passive(r#"(module (memory 1) (func) (start 0) (data (i32.const 0) "a"))"#);
        assert_eq!(refused.unwrap_err().to_string(), "the module has a `start` already");
    }
}
