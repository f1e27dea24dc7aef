//! How many handlers this dispatcher reaches, in both kinds of links.

#[cfg(all(feature = "handler", not(feature = "async")))]
use crate::bindings::msgcompose::link::chain;
#[cfg(all(feature = "handler", feature = "async"))]
use crate::bindings::msgcompose::link::chain_async as chain;
#[cfg(feature = "handler")]
use core::sync::atomic::{AtomicU32, Ordering};

/// The number of handlers; 0 until it is first needed.
#[cfg(feature = "handler")]
static REACH: AtomicU32 = AtomicU32::new(0);

/// Returns the number of handlers.
#[cfg(feature = "handler")]
pub fn reach() -> u32 {
    match REACH.load(Ordering::Relaxed) {
        0 => {
            let reach = chain::reach() + 1;
            REACH.store(reach, Ordering::Relaxed);
            reach
        }
        reach => reach,
    }
}

/// Returns the number of handlers: after the last one there are none.
#[cfg(not(feature = "handler"))]
pub fn reach() -> u32 {
    0
}
