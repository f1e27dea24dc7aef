//! The handlers that this dispatcher reaches. They are numbered from the last one, which is 0.

use crate::bindings::wasi::messaging::types::{Error, Message};

#[cfg(feature = "handler")]
mod chained {
    use super::{Error, Message};
    use crate::{
        Dispatcher,
        bindings::{
            exports::msgcompose::link::chain_async::Guest, msgcompose::link::chain_async as chain,
            wasi::messaging::incoming_handler,
        },
    };
    use core::sync::atomic::{AtomicU32, Ordering};

    /// The number of handlers; 0 until it is first needed.
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

    pub async fn deliver(handler: u32, message: Message) -> Result<(), Error> {
        if handler + 1 == reach() {
            incoming_handler::handle(message).await
        } else {
            chain::deliver(handler, message).await
        }
    }

    impl Guest for Dispatcher {
        fn reach() -> u32 {
            reach()
        }

        async fn deliver(handler: u32, message: Message) -> Result<(), Error> {
            deliver(handler, message).await
        }
    }
}

#[cfg(feature = "handler")]
pub use chained::{deliver, reach};

/// Returns the number of handlers: after the last one there are none.
#[cfg(not(feature = "handler"))]
pub fn reach() -> u32 {
    0
}

/// Calls a handler with a message. Never called here, because no handler is reached.
#[cfg(not(feature = "handler"))]
pub async fn deliver(_: u32, _: Message) -> Result<(), Error> {
    Ok(())
}
