//! `send` and `request`: sends a POST, and reads its response.

use crate::{
    bindings::exports::wasi::messaging::{
        request_reply::GuestRequestOptions,
        types::{Error, Message as MessageHandle},
    },
    client::Client,
    fallible,
    message::Message,
    outgoing,
    response::{self, Response},
    settings::Settings,
    stream::{Broken, Deadline},
};
use alloc::{borrow::ToOwned, vec::Vec};
use http_mapping::{
    form::Form,
    topic,
    url::{self, Url},
};
use imports::http::types::{Fields, Method, OutgoingRequest, RequestOptions as Bounds, Scheme};
use message::{Content, Limits, RequestOptions};
use trace::trace;

impl GuestRequestOptions for RequestOptions {
    fn new() -> Self {
        Self::default()
    }

    fn set_timeout_ms(&self, timeout_ms: u32) {
        self.update(|limits| limits.timeout_ms = Some(timeout_ms));
    }

    fn set_expected_replies(&self, expected_replies: u32) {
        self.update(|limits| limits.expected_replies = Some(expected_replies));
    }
}

/// Sends a message. Returns `ok` if the other side accepted it.
pub fn send(client: &Client, topic: &str, content: &Content) -> Result<(), Error> {
    let settings = Settings::get()?;
    let deadline = Deadline::after(settings.timeout_ms());
    let response = post(client, topic, content, &settings, &deadline)?;
    response.check(&deadline)
}

/// Sends a message, and returns the replies in the response. No others can come.
pub fn request(client: &Client, topic: &str, content: &Content, limits: Limits) -> Result<Vec<MessageHandle>, Error> {
    let settings = Settings::get()?;
    let expected = limits.expected_replies.unwrap_or(1) as usize;
    let deadline = Deadline::after(limits.timeout_ms.map(u64::from).or(settings.timeout_ms()));
    let response = post(client, topic, content, &settings, &deadline)?;
    response.check(&deadline)?;
    if expected == 0 {
        return Ok(Vec::new());
    }
    let replies = response.replies(expected, &settings, &deadline)?;
    trace!("replies=", replies.len(), " of ", expected);
    if replies.is_empty() {
        return Err(Error::Timeout);
    }
    Ok(replies.into_iter().map(|content| MessageHandle::new(Message::of(content))).collect())
}

/// Sends a message as a POST, and waits until the response begins.
fn post(
    client: &Client,
    topic: &str,
    content: &Content,
    settings: &Settings,
    deadline: &Deadline,
) -> Result<Response, Error> {
    if topic.is_empty() || topic::has_dot_segment(topic) {
        return Err(Error::Other(["the topic `", topic, "` cannot be sent over HTTP"].concat()));
    }
    if topic::has_dot_segment(&client.name) {
        return Err(Error::Other(["the client `", &client.name, "` cannot send over HTTP"].concat()));
    }
    let base = client.base_url(settings)?;
    let target = url::fill(settings.text("url-template"), base, topic, &client.name).unwrap_or_default();
    let Some(url) = url::parse(&target) else {
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
    let outcome = exchange(&url, form, deadline);
    #[cfg(feature = "trace")]
    if let Err(error) = &outcome {
        trace!("no response: ", crate::kind(error));
    }
    outcome
}

fn exchange(url: &Url<'_>, form: Form<'_>, deadline: &Deadline) -> Result<Response, Error> {
    let refused = |what: &str| Error::Other(["the host refuses the ", what, " of the request"].concat());
    let fields = outgoing::fields(form.headers, &form.body).ok_or_else(|| refused("headers"))?;
    let request = outgoing_request(url, fields).map_err(refused)?;
    let body = request.body().map_err(|()| refused("body"))?;
    let future = fallible::send(&request, bounds(deadline).as_ref()).map_err(response::failed)?;
    match outgoing::write(body, &form.body, deadline) {
        Err(Broken::Late) => return Err(Error::Timeout),
        // The other side may respond before it has read all of the body. The response says whether it failed.
        Err(_) | Ok(()) => {}
    }
    loop {
        match fallible::response(&future) {
            Some(response) => return response.map(Response::of).map_err(response::failed),
            None => deadline.wait(&future.subscribe()).map_err(|_| Error::Timeout)?,
        }
    }
}

fn outgoing_request(url: &Url<'_>, fields: Fields) -> Result<OutgoingRequest, &'static str> {
    let Url { secure, authority, path } = *url;
    let request = OutgoingRequest::new(fields);
    let scheme = if secure { Scheme::Https } else { Scheme::Http };
    request.set_method(&Method::Post).map_err(|()| "method")?;
    request.set_scheme(Some(&scheme)).map_err(|()| "scheme")?;
    request.set_authority(Some(authority)).map_err(|()| "authority")?;
    let rooted = if path.starts_with('/') { path.into() } else { ["/", path].concat() };
    request.set_path_with_query(Some(&rooted)).map_err(|()| "path")?;
    Ok(request)
}

/// Returns timeouts for the host that end with the deadline; a host may not support all. `None` without a deadline.
fn bounds(deadline: &Deadline) -> Option<Bounds> {
    let left = deadline.left()?;
    let bounds = Bounds::new();
    let _ = bounds.set_connect_timeout(Some(left));
    let _ = bounds.set_first_byte_timeout(Some(left));
    let _ = bounds.set_between_bytes_timeout(Some(left));
    Some(bounds)
}
