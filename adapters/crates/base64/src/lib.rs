//! Base 64 with padding (RFC 4648, section 4), and for URLs without padding (section 5).
#![no_std]

extern crate alloc;

use alloc::vec::Vec;

const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Appends the encoding of `bytes` for URLs: `-` and `_` in place of `+` and `/`, without padding.
pub fn encode_url(bytes: &[u8], out: &mut Vec<u8>) {
    let mut padded = Vec::new();
    encode(bytes, &mut padded);
    out.extend(padded.into_iter().filter(|digit| *digit != b'=').map(|digit| match digit {
        b'+' => b'-',
        b'/' => b'_',
        _ => digit,
    }));
}

/// Appends the encoding of `bytes`.
pub fn encode(bytes: &[u8], out: &mut Vec<u8>) {
    out.reserve(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |place: usize| u32::from(chunk.get(place).copied().unwrap_or(0));
        let group = byte(0) << 16 | byte(1) << 8 | byte(2);
        for place in 0..4 {
            let digit = DIGITS[(group >> (18 - 6 * place) & 63) as usize];
            out.push(if place > chunk.len() { b'=' } else { digit });
        }
    }
}

/// Decodes `text`. Returns `None` if it is not valid base 64 with padding.
pub fn decode(text: &str) -> Option<Vec<u8>> {
    let padded = text.as_bytes();
    let padding = padded.iter().rev().take_while(|byte| **byte == b'=').count();
    let digits = padded.get(..padded.len() - padding)?;
    if !padded.len().is_multiple_of(4) || padding > 2 {
        return None;
    }
    let mut bytes = Vec::with_capacity(padded.len() / 4 * 3);
    for chunk in digits.chunks(4) {
        let mut group = 0;
        for place in 0..4 {
            group = group << 6 | chunk.get(place).map_or(Some(0), |digit| value(*digit))?;
        }
        let [_, decoded @ ..] = group.to_be_bytes();
        let (decoded, rest) = decoded.split_at(chunk.len() - 1);
        if rest.iter().any(|byte| *byte != 0) {
            return None;
        }
        bytes.extend_from_slice(decoded);
    }
    Some(bytes)
}

fn value(digit: u8) -> Option<u32> {
    let value = match digit {
        b'A'..=b'Z' => digit - b'A',
        b'a'..=b'z' => digit - b'a' + 26,
        b'0'..=b'9' => digit - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    };
    Some(u32::from(value))
}
