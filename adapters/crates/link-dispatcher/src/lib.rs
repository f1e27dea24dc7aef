//! A dispatcher of a linked component. It serves `producer` and `request-reply` to the guest on its left.
//!
//! The bus decides which handler gets a message. The dispatcher calls the handler on its right itself. For one further
//! on, it gives the message to the next dispatcher.
#![no_std]

extern crate alloc;
extern crate runtime;

mod bindings;
#[cfg(not(feature = "async"))]
mod handlers;
#[cfg(not(feature = "async"))]
mod outside;
mod reach;
#[cfg(feature = "async")]
mod tasks;

use bindings::exports::wasi::messaging::request_reply::GuestRequestOptions;
#[cfg(not(feature = "async"))]
use {
    alloc::{string::String, vec::Vec},
    bindings::{
        exports::wasi::messaging::{producer, request_reply},
        msgcompose::link::bus::{self, Asked, Asking, Closed, Failure, Publishing},
        wasi::messaging::types::{Client, Error, Message},
    },
    handlers::deliver,
    message::RequestOptions,
    reach::reach,
};

struct Dispatcher;

bindings::export!(Dispatcher with_types_in bindings);

#[cfg(not(feature = "async"))]
/// The bit that tags the numbers of messages; see `docs/link.md`.
const MARK: u32 = 1 << 29;

#[cfg(not(feature = "async"))]
impl producer::Guest for Dispatcher {
    fn send(client: &Client, topic: String, message: Message) -> Result<(), Error> {
        match bus::publish(client, &topic, message, reach())? {
            Publishing::Handlers(deliveries) => {
                let mut failures = Vec::new();
                for delivery in deliveries {
                    if let Err(error) = deliver(delivery.handler, delivery.message) {
                        failures.push(Failure { handler: delivery.handler, error });
                    }
                }
                let mut failed = bus::settle(&failures)?.into_iter();
                failed.try_for_each(|failure| deliver(failure.handler, failure.message))
            }
            Publishing::Leaving(leaving) => outside::send(&topic, leaving),
            Publishing::Done => Ok(()),
        }
    }
}

message::request_options!(GuestRequestOptions);

#[cfg(not(feature = "async"))]
impl request_reply::Guest for Dispatcher {
    type RequestOptions = RequestOptions;

    fn request(
        client: &Client,
        topic: String,
        message: &Message,
        options: Option<request_reply::RequestOptions>,
    ) -> Result<Vec<Message>, Error> {
        let limits = options.map(|options| options.get::<RequestOptions>().limits()).unwrap_or_default();
        let (message, number) = lend(message);
        match bus::open(client, &topic, message, number, reach(), limits.expected_replies)? {
            Asking::Handler(Asked { delivery, reply }) => {
                let outcome = deliver(delivery.handler, delivery.message);
                // `close` still needs the empty reply, so it is dropped behind that.
                if outcome.is_ok()
                    && let Some(reply) = reply
                {
                    return if bus::done() { Ok(Vec::from([reply])) } else { Err(Error::Timeout) };
                }
                let Closed { replies, failure } = bus::close(outcome.as_ref().copied())?;
                if let Some(failure) = failure {
                    deliver(failure.handler, failure.message)?;
                }
                Ok(replies)
            }
            Asking::Leaving(leaving) => outside::request(&topic, leaving, limits),
        }
    }

    fn reply(reply_to: &Message, message: Message) -> Result<(), Error> {
        let (reply_to, number) = lend(reply_to);
        bus::answer(reply_to, number, message)
    }
}

#[cfg(not(feature = "async"))]
/// Prepares a borrowed message for a call of the bus: returns a handle, or else a number.
///
/// jco passes the number instead of a handle if this component has ever owned a message with that number. A number has
/// the bit [`MARK`], so it can be told from a handle.
fn lend(message: &Message) -> (Option<&Message>, u32) {
    let handle = message.handle();
    if handle & MARK == 0 {
        return (Some(message), 0);
    }
    // It is not a handle, so it must not be dropped as one.
    message.take_handle();
    (None, handle)
}
