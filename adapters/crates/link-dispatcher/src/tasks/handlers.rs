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
        reach::reach,
    };

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
pub use chained::deliver;

/// Calls a handler with a message. Never called here, because no handler is reached.
#[cfg(not(feature = "handler"))]
pub async fn deliver(_: u32, _: Message) -> Result<(), Error> {
    Ok(())
}
