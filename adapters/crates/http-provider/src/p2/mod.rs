//! HTTP of WASI 0.2: calls block, and each ends before the next.

#[cfg(feature = "sender")]
mod client;
mod exchange;
mod fallible;
mod stream;

use crate::{
    Provider,
    bindings::exports::wasi::messaging::{
        request_reply,
        types::{self, Error},
    },
    message::Message,
};
#[cfg(feature = "sender")]
use alloc::{string::String, vec::Vec};

#[cfg(feature = "sender")]
impl crate::bindings::exports::wasi::messaging::producer::Guest for Provider {
    fn send(client: types::ClientBorrow<'_>, topic: String, message: types::Message) -> Result<(), Error> {
        client::send(client.get(), &topic, &message.get::<Message>().content())
    }
}

impl request_reply::Guest for Provider {
    #[cfg(feature = "sender")]
    type RequestOptions = ::message::RequestOptions;

    #[cfg(feature = "sender")]
    fn request(
        client: types::ClientBorrow<'_>,
        topic: String,
        message: types::MessageBorrow<'_>,
        options: Option<request_reply::RequestOptions>,
    ) -> Result<Vec<types::Message>, Error> {
        client::request(client.get(), &topic, &message.get::<Message>().content(), crate::limits(options))
    }

    fn reply(reply_to: types::MessageBorrow<'_>, message: types::Message) -> Result<(), Error> {
        reply_to.get::<Message>().reply(message.into_inner::<Message>().into_content())
    }
}
