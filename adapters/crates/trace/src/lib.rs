//! Trace lines on standard error, which show what a part does. Example:
//! `[messaging-over-http/provider] POST client=default topic=prices bytes=4`.
//!
//! Only debug builds write them (feature `on`). In other builds, [`trace!`] does nothing, and the part imports nothing
//! for it.
//!
//! No line contains a message's data, a value of its metadata or headers or of an option, or the text of an error from
//! elsewhere. All of these may hold secrets.
#![no_std]

#[cfg(feature = "on")]
extern crate alloc;

#[cfg(feature = "on")]
mod line;

#[cfg(feature = "on")]
pub use line::{Line, Piece};

/// Writes a line to standard error, made of texts and numbers.
#[cfg(feature = "on")]
#[macro_export]
macro_rules! trace {
    ($($piece:expr),+ $(,)?) => {{
        let mut line = $crate::Line::begin();
        $(line.push(&$piece);)+
        line.end();
    }};
}

/// Does nothing, because this is not a debug build. The compiler checks the arguments, but they are not evaluated.
#[cfg(not(feature = "on"))]
#[macro_export]
macro_rules! trace {
    ($($piece:expr),+ $(,)?) => {
        if false {
            let _ = ($(&$piece,)+);
        }
    };
}
