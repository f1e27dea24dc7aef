//! Hashes of files.

use sha2::{Digest, Sha256};
use std::fmt::Write;

/// Returns the SHA-256 of the bytes, in hexadecimal digits.
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
    fn the_hash_matches_the_standard() {
        assert!(super::sha256(b"abc").starts_with("ba7816bf"));
    }
}
