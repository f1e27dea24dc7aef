//! Hashes of files.

use sha2::{Digest, Sha256};
use std::fmt::Write;

/// The SHA-256 of these bytes, in hexadecimal digits.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |mut digits, byte| {
        write!(digits, "{byte:02x}").expect("a string takes all");
        digits
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_digits_are_those_of_the_standard() {
        assert!(super::sha256(b"abc").starts_with("ba7816bf"));
    }
}
