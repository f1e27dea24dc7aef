//! `send` and `request`: sends a POST, and reads its response.

use super::{
    fallible,
    stream::{self, Deadline},
};
use crate::{
    bindings::exports::wasi::messaging::types::{Error, Message as MessageHandle},
    body::{Broken, Length},
    client::Client,
    code,
    request::{Post, refused},
    response::{self, EXCERPT, Verdict},
    settings::Settings,
};
use alloc::vec::Vec;
use http_mapping::Field;
use imports::http::types::{Fields, IncomingResponse, Method, OutgoingRequest, RequestOptions as Bounds, Scheme};
use message::{Content, Data, Limits};
#[cfg(feature = "trace")]
use trace::trace;

/// Sends a message. Returns `ok` if the other side accepted it.
pub fn send(client: &Client, topic: &str, content: &Content) -> Result<(), Error> {
    let settings = Settings::get()?;
    let deadline = Deadline::after(settings.timeout_ms());
    let response = exchange(&Post::new(client, topic, content, &settings)?, &deadline)?;
    response.check(&deadline)
}

/// Sends a message, and returns the replies in the response. No others can come.
pub fn request(client: &Client, topic: &str, content: &Content, limits: Limits) -> Result<Vec<MessageHandle>, Error> {
    let settings = Settings::get()?;
    let deadline = Deadline::after(limits.timeout_ms.map(u64::from).or(settings.timeout_ms()));
    let response = exchange(&Post::new(client, topic, content, &settings)?, &deadline)?;
    response.check(&deadline)?;
    let expected = limits.expected_replies.unwrap_or(1) as usize;
    response::messages(response.replies(expected, &settings, &deadline)?, expected)
}

/// Sends a request, and waits until the response begins.
fn exchange(post: &Post, deadline: &Deadline) -> Result<Response, Error> {
    let outcome = begun(post, deadline);
    #[cfg(feature = "trace")]
    if let Err(error) = &outcome {
        trace!("no response: ", crate::kind(error));
    }
    outcome
}

fn begun(post: &Post, deadline: &Deadline) -> Result<Response, Error> {
    let fields = Fields::from_list(&post.headers).map_err(|_| refused("headers"))?;
    let request = outgoing_request(post, fields).map_err(refused)?;
    let body = request.body().map_err(|()| refused("body"))?;
    let future = fallible::send(&request, bounds(deadline).as_ref()).map_err(code::failed)?;
    match stream::finish(body, &post.body, deadline) {
        Err(Broken::Late) => return Err(Error::Timeout),
        // The other side may respond before it has read all of the body. The response says whether it failed.
        Err(_) | Ok(()) => {}
    }
    loop {
        match fallible::response(&future) {
            Some(response) => return response.map(Response::of).map_err(code::failed),
            None => deadline.wait(&future.subscribe()).map_err(|_| Error::Timeout)?,
        }
    }
}

fn outgoing_request(post: &Post, fields: Fields) -> Result<OutgoingRequest, &'static str> {
    let request = OutgoingRequest::new(fields);
    let scheme = if post.secure { Scheme::Https } else { Scheme::Http };
    request.set_method(&Method::Post).map_err(|()| "method")?;
    request.set_scheme(Some(&scheme)).map_err(|()| "scheme")?;
    request.set_authority(Some(&post.authority)).map_err(|()| "authority")?;
    request.set_path_with_query(Some(&post.path)).map_err(|()| "path")?;
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

/// A response that has begun.
struct Response {
    response: IncomingResponse,
    status: u16,
}

impl Response {
    fn of(response: IncomingResponse) -> Self {
        Self { status: response.status(), response }
    }

    /// Checks the status. Returns an error unless it says that the message was accepted.
    fn check(&self, deadline: &Deadline) -> Result<(), Error> {
        match response::verdict(self.status) {
            Verdict::Accepted => Ok(()),
            Verdict::Refused(error) => Err(error),
            Verdict::Told(error) => {
                let fields = self.response.headers().entries();
                // If the body breaks off, the text has what came before.
                let body = response::tells(&fields).then(|| self.body(&fields, EXCERPT, deadline));
                let body = body.map(|read| read.unwrap_or_else(|(_, begun)| begun)).unwrap_or_default();
                Err(error(response::described(self.status, body)))
            }
        }
    }

    fn replies(&self, expected: usize, settings: &Settings, deadline: &Deadline) -> Result<Vec<Content>, Error> {
        if expected == 0 || response::is_without_replies(self.status) {
            return Ok(Vec::new());
        }
        let fields = self.response.headers().entries();
        let body = self.body(&fields, settings.max_body, deadline).map_err(|(broken, _)| response::broken(broken))?;
        response::replies(fields, body, expected, settings)
    }

    /// Reads the body. An error carries the bytes that came before it.
    fn body(&self, fields: &[Field], limit: usize, deadline: &Deadline) -> Result<Data, (Broken, Data)> {
        let gone = |()| (Broken::Off, Data::default());
        let body = self.response.consume().map_err(gone)?;
        let from = body.stream().map_err(gone)?;
        let mut data = Data::default();
        let read = stream::read_into(&mut data, &from, Length::of(fields, limit), deadline);
        read.map_err(|broken| (broken, core::mem::take(&mut data)))?;
        Ok(data)
    }
}
