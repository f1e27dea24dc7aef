//! Correlation and message ids: 128 random bits as 32 lower-case hexadecimal digits.

use alloc::string::String;

/// The number of digits of an id.
pub const LENGTH: usize = 32;

/// Returns the id with these 128 bits.
pub fn from_bits(high: u64, low: u64) -> String {
    let mut id = String::with_capacity(LENGTH);
    for word in [high, low] {
        for shift in (0..64).step_by(4).rev() {
            id.push(char::from(b"0123456789abcdef"[(word >> shift & 15) as usize]));
        }
    }
    id
}

/// Returns whether [`from_bits`] can return `id`. Other texts must not become part of a mailbox key.
pub fn is_valid(id: &str) -> bool {
    id.len() == LENGTH && id.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'))
}
