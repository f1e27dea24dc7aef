//! `send` and `request`: makes a POST of a message.

use crate::{
    bindings::exports::wasi::messaging::{request_reply::GuestRequestOptions, types::Error},
    client::Client,
    outgoing,
    settings::Settings,
};
use alloc::{borrow::ToOwned, string::String, vec::Vec};
use http_mapping::{
    Field, topic,
    url::{self, Url},
};
use message::{Content, Data};
use trace::trace;

message::request_options!(GuestRequestOptions);

/// A POST with a message.
pub struct Post {
    /// Whether the scheme is `https`.
    pub secure: bool,
    /// Host and port.
    pub authority: String,
    /// Path and query.
    pub path: String,
    /// All headers, with `content-length`.
    pub headers: Vec<Field>,
    /// The body.
    pub body: Data,
}

impl Post {
    /// Returns the request that sends a message.
    pub fn new(client: &Client, topic: &str, content: &Content, settings: &Settings) -> Result<Self, Error> {
        if topic.is_empty() || topic::has_dot_segment(topic) {
            return Err(Error::Other(["the topic `", topic, "` cannot be sent over HTTP"].concat()));
        }
        if topic::has_dot_segment(&client.name) {
            return Err(Error::Other(["the client `", &client.name, "` cannot send over HTTP"].concat()));
        }
        let base = client.base_url(settings)?;
        let target = url::fill(settings.text("url-template"), base, topic, &client.name).unwrap_or_default();
        let Some(Url { secure, authority, path }) = url::parse(&target) else {
            // The URL is left out: options are part of it, and the guest may tell somebody.
            return Err(Error::Other("`url-template` gives no URL of http or https".into()));
        };
        let mut form = outgoing::form(content, Some(topic), settings)?;
        trace!("POST client=", client.name, " topic=", topic, " bytes=", content.data.len());
        for (name, value) in settings.family("header.") {
            // A guest may forward metadata of strangers. These must not stand in for what is configured.
            form.headers.retain(|(other, _)| {
                let stays = other != name;
                if !stays {
                    trace!("metadata dropped, because an option sets this header: ", name);
                }
                stays
            });
            form.headers.push((name.to_owned(), value.as_bytes().to_vec()));
        }
        Ok(Self {
            secure,
            authority: authority.to_owned(),
            path: if path.starts_with('/') { path.to_owned() } else { ["/", path].concat() },
            headers: outgoing::with_length(form.headers, &form.body),
            body: form.body,
        })
    }
}

/// Returns the error for a piece of the request that the host refuses.
pub fn refused(what: &str) -> Error {
    Error::Other(["the host refuses the ", what, " of the request"].concat())
}
