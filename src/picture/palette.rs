//! The colours of blocks. Each block says its kind in words too, so that nobody depends on the colours.
//!
//! The block of the host has no kind: it is `None` here.

use super::BlockKind::{self, Component, Config, Guest, Interceptor, Provider};

/// The colours of a block.
#[derive(Debug, Clone, Copy)]
pub(super) struct Colours {
    /// The background.
    pub fill: &'static str,
    /// The border.
    pub line: &'static str,
}

/// All kinds of blocks, each with colours of its own.
pub(super) const KINDS: [Option<BlockKind>; 6] =
    [None, Some(Interceptor), Some(Guest), Some(Component), Some(Provider), Some(Config)];

/// Returns the name of the style of a kind of block.
pub(super) fn class(kind: Option<BlockKind>) -> &'static str {
    kind.map_or("host", BlockKind::word)
}

/// Returns the colours with dark text.
pub(super) fn light(kind: Option<BlockKind>) -> Colours {
    let (fill, line) = match kind {
        None => ("#fbefff", "#8250df"),
        Some(Interceptor) => ("#fff1d6", "#bf6a02"),
        Some(Guest) => ("#ddf4ff", "#0969da"),
        Some(Component) => ("#e6fcf9", "#0b7285"),
        Some(Provider) => ("#dafbe1", "#1a7f37"),
        Some(Config) => ("#f0f1f3", "#6e7781"),
    };
    Colours { fill, line }
}

/// Returns the colours with light text.
pub(super) fn dark(kind: Option<BlockKind>) -> Colours {
    let (fill, line) = match kind {
        None => ("#2b1a4b", "#bc8cff"),
        Some(Interceptor) => ("#3b2300", "#d29922"),
        Some(Guest) => ("#0c2d57", "#58a6ff"),
        Some(Component) => ("#0a2f35", "#39c5cf"),
        Some(Provider) => ("#0f2f1a", "#3fb950"),
        Some(Config) => ("#21262d", "#8b949e"),
    };
    Colours { fill, line }
}
