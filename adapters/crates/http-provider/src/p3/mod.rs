//! HTTP of WASI 0.3: calls wait without blocking, so an instance may work on many messages at once.
//!
//! Nothing that is borrowed of a message lasts across a wait, because another task may change the message meanwhile.

#[cfg(feature = "sender")]
mod client;
mod exchange;
mod host;
mod stream;

use crate::{
    Provider,
    bindings::exports::wasi::messaging::{
        request_reply,
        types::{self, Error},
    },
    message::Message,
};
use alloc::string::String;
#[cfg(feature = "sender")]
use alloc::vec::Vec;

#[cfg(feature = "sender")]
impl crate::bindings::exports::wasi::messaging::producer::Guest for Provider {
    async fn send(client: types::ClientBorrow<'_>, topic: String, message: types::Message) -> Result<(), Error> {
        client::send(client.get(), &topic, message.into_inner::<Message>().into_content()).await
    }
}

impl request_reply::Guest for Provider {
    #[cfg(feature = "sender")]
    type RequestOptions = ::message::RequestOptions;

    #[cfg(feature = "sender")]
    async fn request(
        client: types::ClientBorrow<'_>,
        topic: String,
        message: types::MessageBorrow<'_>,
        options: Option<request_reply::RequestOptions>,
    ) -> Result<Vec<types::Message>, Error> {
        client::request(client.get(), &topic, message.get::<Message>(), crate::limits(options)).await
    }

    async fn reply(reply_to: types::MessageBorrow<'_>, message: types::Message) -> Result<(), Error> {
        reply_to.get::<Message>().reply(message.into_inner::<Message>().into_content())
    }
}

impl types::GuestClient for crate::client::Client {
    async fn connect(name: String) -> Result<types::Client, Error> {
        Self::new(name).map(types::Client::new)
    }

    fn disconnect(&self) -> Result<(), Error> {
        self.close();
        Ok(())
    }
}
