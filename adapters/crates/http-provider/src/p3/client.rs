//! `send` and `request`: sends a POST, and reads its response.

use super::{
    host::{self, Incoming},
    stream::{self, Deadline},
};
use crate::{
    bindings::exports::wasi::messaging::types::Error,
    body::{Broken, Length},
    code,
    request::{Post, refused},
    response::{self, EXCERPT, Verdict},
    settings::Settings,
};
use alloc::vec::Vec;
use http_mapping::Field;
use imports::over_http_p3::types::{Fields, Method, Request, RequestOptions as Bounds, Response as Begun, Scheme};
use message::{Content, Data};
#[cfg(feature = "trace")]
use trace::trace;

/// Sends a message, and returns the replies in the response, up to `expected` of them. No others can come. Fails if the
/// other side did not accept the message.
pub async fn ask(
    post: Post,
    expected: usize,
    settings: &Settings,
    bound_ms: Option<u64>,
) -> Result<Vec<Content>, Error> {
    let deadline = Deadline::after(bound_ms);
    let response = exchange(post, &deadline).await?.checked(&deadline).await?;
    if expected == 0 || response::is_without_replies(response.status) {
        return Ok(Vec::new());
    }
    let fields = response.response.get_headers().copy_all();
    let body = response.body(&fields, settings.max_body, &deadline).await;
    response::replies(fields, body.map_err(|(broken, _)| response::broken(broken))?, expected, settings)
}

/// Sends a request, and waits until the response begins.
async fn exchange(post: Post, deadline: &Deadline) -> Result<Response, Error> {
    let outcome = begun(post, deadline).await;
    #[cfg(feature = "trace")]
    if let Err(error) = &outcome {
        trace!("no response: ", crate::kind(error));
    }
    outcome
}

async fn begun(post: Post, deadline: &Deadline) -> Result<Response, Error> {
    let request = outgoing_request(post, deadline).map_err(refused)?;
    let response = deadline.within(host::send(request)).await.map_err(|_| Error::Timeout)?;
    response.map(Response::of).map_err(code::failed)
}

fn outgoing_request(post: Post, deadline: &Deadline) -> Result<Request, &'static str> {
    let Post { secure, authority, path, headers, body } = post;
    let fields = Fields::from_list(&headers).map_err(|_| "headers")?;
    // What the host no longer wants is not written either, so the body needs no deadline.
    let request = host::request(fields, stream::outgoing(body, None), bounds(deadline));
    let scheme = if secure { Scheme::Https } else { Scheme::Http };
    request.set_method(&Method::Post).map_err(|()| "method")?;
    request.set_scheme(Some(&scheme)).map_err(|()| "scheme")?;
    request.set_authority(Some(&authority)).map_err(|()| "authority")?;
    request.set_path_with_query(Some(&path)).map_err(|()| "path")?;
    Ok(request)
}

/// Returns timeouts for the host that end with the deadline. `None` without a deadline.
fn bounds(deadline: &Deadline) -> Option<Bounds> {
    let bounds = Bounds::new();
    host::bound(&bounds, deadline.bound()?);
    Some(bounds)
}

/// A response that has begun.
struct Response {
    response: Begun,
    status: u16,
}

impl Response {
    fn of(response: Begun) -> Self {
        Self { status: response.get_status_code(), response }
    }

    /// Checks the status. Returns an error unless it says that the message was accepted.
    async fn checked(self, deadline: &Deadline) -> Result<Self, Error> {
        match response::verdict(self.status) {
            Verdict::Accepted => Ok(self),
            Verdict::Refused(error) => Err(error),
            Verdict::Told(error) => {
                let status = self.status;
                let fields = self.response.get_headers().copy_all();
                let body = match response::tells(&fields) {
                    // If the body breaks off, the text has what came before.
                    true => self.body(&fields, EXCERPT, deadline).await.unwrap_or_else(|(_, begun)| begun),
                    false => Data::default(),
                };
                Err(error(response::described(status, body)))
            }
        }
    }

    /// Reads the body. An error carries the bytes that came before it.
    async fn body(self, fields: &[Field], limit: usize, deadline: &Deadline) -> Result<Data, (Broken, Data)> {
        stream::read(Incoming::of_response(self.response), Length::of(fields, limit), deadline).await
    }
}
