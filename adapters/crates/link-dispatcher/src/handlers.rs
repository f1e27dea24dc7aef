//! The handlers from here on, numbered from the last one.

use crate::bindings::wasi::messaging::types::{Error, Message};

#[cfg(feature = "handler")]
mod chained {
    use super::{Error, Message};
    use crate::{
        Dispatcher,
        bindings::{
            exports::msgcompose::link::chain::Guest, msgcompose::link::chain, wasi::messaging::incoming_handler,
        },
    };
    use core::sync::atomic::{AtomicU32, Ordering};

    /// Asked for once; 0 before.
    static REACH: AtomicU32 = AtomicU32::new(0);

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

    pub fn deliver(handler: u32, message: Message) -> Result<(), Error> {
        if handler + 1 == reach() { incoming_handler::handle(message) } else { chain::deliver(handler, message) }
    }

    impl Guest for Dispatcher {
        fn reach() -> u32 {
            reach()
        }

        fn deliver(handler: u32, message: Message) -> Result<(), Error> {
            deliver(handler, message)
        }
    }
}

#[cfg(feature = "handler")]
pub use chained::{deliver, reach};

/// How many there are.
#[cfg(not(feature = "handler"))]
pub fn reach() -> u32 {
    0
}

/// Lets one of them handle a message.
#[cfg(not(feature = "handler"))]
pub fn deliver(_: u32, _: Message) -> Result<(), Error> {
    Ok(())
}
