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
#[cfg(feature = "sender")]
use crate::{request::Post, response, settings::Settings};
#[cfg(feature = "sender")]
use alloc::{string::String, vec::Vec};

#[cfg(feature = "sender")]
impl crate::bindings::exports::wasi::messaging::producer::Guest for Provider {
    async fn send(client: types::ClientBorrow<'_>, topic: String, message: types::Message) -> Result<(), Error> {
        let settings = Settings::get()?;
        // The request alone has the data then, so it is not copied again.
        let post = Post::new(client.get(), &topic, &message.into_inner::<Message>().into_content(), &settings)?;
        client::ask(post, 0, &settings, settings.timeout_ms()).await.map(drop)
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
        let (settings, limits) = (Settings::get()?, crate::limits(options));
        let post = Post::new(client.get(), &topic, &message.get::<Message>().content(), &settings)?;
        let expected = limits.expected_replies.unwrap_or(1) as usize;
        let bound_ms = limits.timeout_ms.map(u64::from).or(settings.timeout_ms());
        let replies = client::ask(post, expected, &settings, bound_ms).await?;
        response::messages(replies, expected)
    }

    fn reply(reply_to: types::MessageBorrow<'_>, message: types::Message) -> Result<(), Error> {
        reply_to.get::<Message>().reply(message.into_inner::<Message>().into_content())
    }
}
