//! Responses: reads whether the message was accepted, and the replies.

use crate::{
    bindings::exports::wasi::messaging::types::Error,
    fallible::Code,
    settings::Settings,
    stream::{self, Broken, Deadline, Length},
};
use alloc::{string::String, vec::Vec};
use http_mapping::{Field, form::Mode, media, problem::excerpt, reading};
use imports::http::types::IncomingResponse;
use message::{Content, Data};
use trace::trace;

/// The maximum number of body bytes that are read for an error text.
const EXCERPT: usize = 4096;

/// A response that has begun.
pub struct Response {
    response: IncomingResponse,
    status: u16,
}

impl Response {
    /// Wraps a response of the host.
    pub fn of(response: IncomingResponse) -> Self {
        Self { status: response.status(), response }
    }

    /// Checks the status. Returns an error unless it says that the message was accepted.
    pub fn check(&self, deadline: &Deadline) -> Result<(), Error> {
        trace!("response status=", self.status);
        match self.status {
            200..=299 => Ok(()),
            408 | 504 => Err(Error::Timeout),
            401 | 403 => Err(Error::PermissionDenied(self.describe(deadline))),
            _ => Err(Error::Other(self.describe(deadline))),
        }
    }

    /// Returns an error text: the status, and the start of a text body.
    fn describe(&self, deadline: &Deadline) -> String {
        let mut text = ["HTTP ", &message::decimal(u64::from(self.status))].concat();
        let fields = self.response.headers().entries();
        let content_type = stream::header(&fields, "content-type").unwrap_or_default();
        if media::is_text(content_type) || media::is_json(content_type) {
            // If the body breaks off, the text has what came before.
            let body = self.body(&fields, EXCERPT, deadline).unwrap_or_else(|(_, begun)| begun);
            let excerpt = excerpt(&body.into_vec());
            if !excerpt.is_empty() {
                text.push_str(": ");
                text.push_str(&excerpt);
            }
        }
        text
    }

    /// Reads the replies, up to `expected` of them.
    pub fn replies(&self, expected: usize, settings: &Settings, deadline: &Deadline) -> Result<Vec<Content>, Error> {
        if matches!(self.status, 202 | 204) {
            return Ok(Vec::new());
        }
        let fields = self.response.headers().entries();
        let body = self.body(&fields, settings.max_body, deadline).map_err(|(broken, _)| match broken {
            Broken::Late => Error::Timeout,
            Broken::Off => Error::Connection("the response broke off".into()),
            Broken::Large => Error::Other("the response is larger than `max-body-bytes`".into()),
        })?;
        if body.is_empty() && stream::header(&fields, "content-type").is_none() {
            return Ok(Vec::new());
        }
        reading::read(fields, body, settings.prefix(), settings.mode != Mode::Raw, expected)
            .map_err(|reason| Error::Other(["the response cannot be read: ", &reason].concat()))
    }

    /// Reads the body. An error carries the bytes that came before it.
    fn body(&self, fields: &[Field], limit: usize, deadline: &Deadline) -> Result<Data, (Broken, Data)> {
        let gone = |()| (Broken::Off, Data::default());
        let body = self.response.consume().map_err(gone)?;
        let from = body.stream().map_err(gone)?;
        let mut data = Data::default();
        let length = Length { announced: stream::announced(fields), limit };
        stream::read_into(&mut data, &from, length, deadline).map_err(|broken| (broken, core::mem::take(&mut data)))?;
        Ok(data)
    }
}

/// Converts an `error-code` to an error of messaging. The numbers are the indexes of the cases in `wit/http`.
pub fn failed(code: Code) -> Error {
    let reason = match code.case {
        // Timeouts: DNS, connecting, reading, writing, the response.
        0 | 8 | 9 | 10 | 33 => return Error::Timeout,
        // The address is prohibited, or the request is denied.
        4 | 15 => return Error::PermissionDenied("the host forbids the request".into()),
        // The host cannot send such a request, for example because a header is too large.
        16..=24 | 37 => return Error::Other("the host cannot send such a request".into()),
        1 => "the name of the server is not known",
        2 | 3 | 5 => "there is no way to the server",
        6 => "connection refused",
        7 | 25 => "the connection broke",
        11 => "too many connections",
        12..=14 => "TLS could not be agreed on",
        36 => "the request goes in a circle",
        _ => return Error::Connection(code.text.unwrap_or_else(|| "the response is not HTTP".into())),
    };
    Error::Connection(reason.into())
}
