//! Reads errors of `wasi:http` from memory.
//!
//! Generated code would decode 39 cases with their payloads for each function that returns an `error-code`, which takes
//! 3 KB each. A part needs only the number of a case, and the text of an internal error.
//!
//! Offsets follow the canonical ABI (component model, "Canonical ABI", alignment and flattening) for the types in
//! `wit/http` and `wit/http-p3`. An `error-code` has its case in the first byte and its payload at byte 8. So does a
//! `result` or `option` around one.
#![no_std]

extern crate alloc;

use alloc::{string::String, vec::Vec};

/// An `error-code` of the host. Both versions of HTTP have the same cases.
#[derive(Debug)]
pub struct Code {
    /// The index of the case in `wit/http`, from 0.
    pub case: u8,
    /// The text of an `internal-error`.
    pub text: Option<String>,
}

/// Memory for results. The largest is that of `get`: three discriminants and an `error-code` of 32 bytes.
#[derive(Debug)]
#[repr(C, align(8))]
pub struct Area([u8; 56]);

/// Bytes from a discriminant to its payload.
pub const PAYLOAD: usize = 8;

impl Default for Area {
    fn default() -> Self {
        Self::new()
    }
}

impl Area {
    /// Returns memory with zeros.
    pub const fn new() -> Self {
        Self([0; 56])
    }

    /// Returns the byte at `at`.
    pub fn byte(&self, at: usize) -> u8 {
        self.0.get(at).copied().unwrap_or(0)
    }

    /// Returns the word at `at`.
    pub fn word(&self, at: usize) -> u32 {
        let bytes = self.0.get(at..at + 4).and_then(|bytes| bytes.try_into().ok());
        bytes.map_or(0, u32::from_le_bytes)
    }

    /// Takes the optional text at `at`.
    ///
    /// # Safety
    ///
    /// The host must have written an `option<string>` there, and it must be taken only once.
    pub unsafe fn text(&self, at: usize) -> Option<Vec<u8>> {
        if self.byte(at) != 1 {
            return None;
        }
        let (start, length) = (self.word(at + 4) as usize, self.word(at + 8) as usize);
        // SAFETY: the host allocated the text with `cabi_realloc`, with this length, and gave it to this component.
        Some(unsafe { Vec::from_raw_parts(start as *mut u8, length, length) })
    }

    /// Reads the `error-code` at `at`, and takes ownership of its text.
    ///
    /// # Safety
    ///
    /// The host must have written an `error-code` there, and it must be taken only once.
    pub unsafe fn code(&self, at: usize) -> Code {
        let case = self.byte(at);
        let payload = at + PAYLOAD;
        let text = match case {
            // DNS-error, field sizes, codings, internal-error: the payload begins with an optional text.
            1 | 24 | 27 | 30 | 31 | 32 | 38 => Some(payload),
            // TLS-alert-received: the text follows an optional byte.
            14 => Some(payload + 4),
            // HTTP-request-header-size: the payload is optional.
            22 if self.byte(payload) == 1 => Some(payload + 4),
            _ => None,
        };
        // SAFETY: the host has written an optional text there.
        let text = text.and_then(|at| unsafe { self.text(at) });
        // Unused texts are taken too, so that they are freed.
        let text = text.filter(|_| case == 38).and_then(|text| String::from_utf8(text).ok());
        Code { case, text }
    }
}
