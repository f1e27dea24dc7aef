//! Lines on standard error that say what a part does: `[messaging-over-http/provider] POST http://… topic=prices`.
//!
//! Only debug builds have them (feature `on`): without, [`trace!`] is nothing at all, and nothing is imported for it.
//! No line holds a message's data, a value of its metadata or headers, or a text that somebody else put into an error:
//! secrets may be in all of these.
#![no_std]

#[cfg(feature = "on")]
extern crate alloc;

#[cfg(feature = "on")]
mod line;

#[cfg(feature = "on")]
pub use line::{Line, Piece};

/// Writes a line of these pieces, texts and numbers, to standard error.
#[cfg(feature = "on")]
#[macro_export]
macro_rules! trace {
    ($($piece:expr),+ $(,)?) => {{
        let mut line = $crate::Line::begin();
        $(line.push(&$piece);)+
        line.end();
    }};
}

/// Does nothing: this is no debug build. The pieces are looked at by the compiler, but not made.
#[cfg(not(feature = "on"))]
#[macro_export]
macro_rules! trace {
    ($($piece:expr),+ $(,)?) => {
        if false {
            let _ = ($(&$piece,)+);
        }
    };
}
