//! The async dispatcher. Each message is a task, and waits for the handlers that get it. Many tasks can wait at once.

mod handlers;
mod outside;

use crate::{
    Dispatcher,
    bindings::{
        exports::wasi::messaging::{
            producer,
            request_reply::{self, RequestOptions},
        },
        msgcompose::link::bus_async::{self as bus, Asked, Asking, Closed, Failure, Published, Publishing},
        wasi::messaging::types::{Client, Error, Message},
    },
    reach::reach,
};
use alloc::{string::String, vec::Vec};
use core::mem::forget;
use handlers::deliver;

/// A call that was begun at the bus. If its task is dropped because the caller has given up, the bus forgets it.
struct Call(u32);

impl Call {
    /// Returns the number, for the function that ends the call.
    fn end(self) -> u32 {
        let number = self.0;
        forget(self);
        number
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        bus::abandon(self.0);
    }
}

impl producer::Guest for Dispatcher {
    async fn send(client: &Client, topic: String, message: Message) -> Result<(), Error> {
        match bus::publish(client, &topic, message, reach())? {
            Publishing::Handlers(Published { call, deliveries }) => {
                let call = Call(call);
                let mut failures = Vec::new();
                for delivery in deliveries {
                    if let Err(error) = deliver(delivery.handler, delivery.message).await {
                        failures.push(Failure { handler: delivery.handler, error });
                    }
                }
                for failure in bus::settle(call.end(), &failures)? {
                    deliver(failure.handler, failure.message).await?;
                }
                Ok(())
            }
            Publishing::Leaving(leaving) => outside::send(topic, leaving).await,
            Publishing::Done => Ok(()),
        }
    }
}

impl request_reply::Guest for Dispatcher {
    type RequestOptions = message::RequestOptions;

    async fn request(
        client: &Client,
        topic: String,
        message: &Message,
        options: Option<RequestOptions>,
    ) -> Result<Vec<Message>, Error> {
        let limits = options.map(|options| options.get::<message::RequestOptions>().limits()).unwrap_or_default();
        match bus::open(client, &topic, message, reach(), limits.expected_replies)? {
            Asking::Handler(Asked { call, delivery, reply }) => {
                let call = Call(call);
                let outcome = deliver(delivery.handler, delivery.message).await;
                // `close` still needs the empty reply, so it is dropped behind that.
                if outcome.is_ok()
                    && let Some(reply) = reply
                {
                    return if bus::done(call.end()) { Ok(Vec::from([reply])) } else { Err(Error::Timeout) };
                }
                let Closed { replies, failure } = bus::close(call.end(), outcome.as_ref().copied())?;
                if let Some(failure) = failure {
                    deliver(failure.handler, failure.message).await?;
                }
                Ok(replies)
            }
            Asking::Leaving(leaving) => outside::request(topic, leaving, limits).await,
        }
    }

    async fn reply(reply_to: &Message, message: Message) -> Result<(), Error> {
        bus::answer(reply_to, message)
    }
}
