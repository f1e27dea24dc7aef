//! Bakes the options of one adapter: a component whose exports are those of `wasi:config/store`, so that an instance of it
//! is one of the interface. It holds the values in its memory, laid out as the canonical ABI returns them, so that reading
//! all of them runs no code.

use crate::{types::interface::InterfaceId, wasm::skeleton::without_custom_sections};
use std::{collections::BTreeMap, fmt::Write, sync::LazyLock};

mod layer;

pub use layer::{ConfigFrom, baked_interface};

/// The interface that an instance of a baked configuration is.
///
/// # Panics
///
/// Never: the name is one.
#[must_use]
pub fn interface() -> &'static InterfaceId {
    static INTERFACE: LazyLock<InterfaceId> =
        LazyLock::new(|| "wasi:config/store@0.2.0-rc.1".parse().expect("a valid name"));
    &INTERFACE
}

/// The name of a config component in its adapter.
pub const CONFIG: &str = "config";

/// A component with these options.
///
/// # Panics
///
/// Never: the text is a component, whatever the options.
#[must_use]
pub fn bake(options: &BTreeMap<String, String>) -> Vec<u8> {
    let Image { bytes, end, argument } = Image::of(options);
    let data = bytes.iter().fold(String::with_capacity(bytes.len() * 3), |mut data, byte| {
        write!(data, "\\{byte:02x}").expect("a string takes all");
        data
    });
    let numbers = [("{end}", end), ("{argument}", argument), ("{pages}", argument / PAGE + 1)];
    let text = numbers.iter().fold(STORE.to_owned(), |text, (name, number)| text.replace(name, &number.to_string()));
    let component = wat::parse_str(text.replace("{data}", &data)).expect("it is a component");
    // The text has names for those who read it.
    without_custom_sections(&component).expect("it is a component")
}

/// The component as text. It says what is in its memory.
const STORE: &str = include_str!("config/store.wat");

/// Bytes of a page of memory.
const PAGE: u32 = 1 << 16;

/// Address of the first pair.
const PAIRS: u32 = 32;

/// Bytes of a pair.
const PAIR: u32 = 16;

/// What the memory holds: the results, the pairs, the strings; behind them room for the argument of `get`.
struct Image {
    bytes: Vec<u8>,
    /// The address behind the last pair.
    end: u32,
    /// The address of the argument.
    argument: u32,
}

impl Image {
    fn of(options: &BTreeMap<String, String>) -> Self {
        // A configuration is far smaller than a memory.
        let size = |bytes: usize| u32::try_from(bytes).unwrap_or(u32::MAX);
        let count = size(options.len());
        let end = PAIRS + count * PAIR;
        let (mut address, mut words) = (end, vec![0, PAIRS, count, 0, 0, 0, 0, 0]);
        let strings = || options.iter().flat_map(|(key, value)| [key, value]);
        for string in strings() {
            words.extend([address, size(string.len())]);
            address += size(string.len());
        }
        let mut bytes: Vec<u8> = words.into_iter().flat_map(u32::to_le_bytes).collect();
        strings().for_each(|string| bytes.extend_from_slice(string.as_bytes()));
        Self { bytes, end, argument: (address + 7) & !7 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_options_give_the_same_small_component() {
        let options =
            BTreeMap::from([("bucket".to_owned(), "default".to_owned()), ("empty".to_owned(), String::new())]);
        let baked = bake(&options);
        assert_eq!(baked, bake(&options));
        assert!(baked.len() < 800, "{} bytes", baked.len());
        wasmparser::Validator::new().validate_all(&baked).unwrap();
    }
}
