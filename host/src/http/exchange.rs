//! One request to `wasi:http/handler@0.3`, from the call of the handler to the end of the response's body.

use crate::{app::Serve, broker::Error, events::Outcome, state::State};
use http_body_util::BodyExt;
use hyper::{
    Request, Response, StatusCode,
    body::{Body, Bytes, Frame, Incoming, SizeHint},
    header::HOST,
    http::uri::Scheme,
};
use std::{
    pin::Pin,
    sync::{Arc, OnceLock},
    task::{Context, Poll, ready},
};
use tokio::sync::oneshot;
use wasmtime::component::Accessor;
use wasmtime_wasi_http::{Error as HttpError, FieldMap, WasiBody, p3};

/// A request, and where its response goes.
pub struct Exchange {
    /// The request.
    pub request: Request<Incoming>,
    /// Gets the response, as soon as its body can be read. It is dropped if there is no response.
    pub client: oneshot::Sender<Response<WasiBody>>,
    /// Gets the status of the response.
    pub status: Arc<OnceLock<StatusCode>>,
}

impl Exchange {
    /// Begins the call. The returned future ends when the body of the response has been sent, or is no longer wanted.
    pub fn begin(
        self,
        accessor: &Accessor<State>,
        handle: Serve,
    ) -> wasmtime::Result<impl Future<Output = wasmtime::Result<Outcome>> + use<'_>> {
        let Self { request, client, status } = self;
        let call = accessor.with(|mut access| {
            let state = access.get();
            let request = incoming(state, request);
            let request = state.table.push(request)?;
            handle.start_call_concurrent(access, (request,))
        })?;
        Ok(async move {
            let response = match handle.finish_call_concurrent(accessor, call).await? {
                (Ok(response),) => response,
                (Err(code),) => return Ok(Outcome::Failed(Error::Other(code.to_string()))),
            };
            let ((guest, sent), (host, ended)) = (oneshot::channel(), oneshot::channel());
            let response = accessor.with(|mut access| {
                let response = access.get().table.delete(response)?;
                response.into_http(access, async { sent.await.unwrap_or(Ok(())) })
            })?;
            // Nobody else sets it.
            let _ = status.set(response.status());
            // If the client is gone, the body is dropped, and that ends it.
            let ends = Some(Ends { guest, host });
            let _ = client.send(response.map(|body| Sending { body, ends }.boxed_unsync()));
            Ok(ended.await.unwrap_or(Outcome::Ok))
        })
    }
}

/// Returns a request for the handler.
fn incoming(state: &mut State, request: Request<Incoming>) -> p3::Request {
    let (parts, body) = request.into_parts();
    let host = parts.headers.get(HOST).and_then(|host| host.to_str().ok()?.parse().ok());
    let authority = parts.uri.authority().cloned().or(host);
    let path = parts.uri.path_and_query().cloned();
    let headers = FieldMap::new_immutable(&mut state.outgoing, parts.headers);
    // The future would say whether the guest liked the body, and nobody asks.
    let (request, _) = p3::Request::new(parts.method, Some(Scheme::HTTP), authority, path, headers, None, body);
    request
}

/// The body of a response. It tells when it has been sent.
struct Sending {
    body: WasiBody,
    /// `None` once it has ended.
    ends: Option<Ends>,
}

/// Who is told how the body ended.
struct Ends {
    /// The guest, by the future that came with the response.
    guest: oneshot::Sender<Result<(), HttpError>>,
    /// Whoever waits for the call.
    host: oneshot::Sender<Outcome>,
}

impl Sending {
    fn end(&mut self, told: Result<(), HttpError>, outcome: Outcome) {
        if let Some(Ends { guest, host }) = self.ends.take() {
            // Whoever is gone needs no telling.
            let _ = guest.send(told);
            let _ = host.send(outcome);
        }
    }
}

impl Body for Sending {
    type Data = Bytes;
    type Error = HttpError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, HttpError>>> {
        match ready!(Pin::new(&mut self.body).poll_frame(context)) {
            // A body whose instance is gone ends as if it were whole. But then nobody waits for its end.
            None if self.ends.as_ref().is_some_and(|ends| ends.host.is_closed()) => {
                self.end(Ok(()), Outcome::Ok);
                Poll::Ready(Some(Err(HttpError::HttpResponseIncomplete)))
            }
            None => {
                self.end(Ok(()), Outcome::Ok);
                Poll::Ready(None)
            }
            Some(Err(error)) => {
                let reason = format!("the response's body failed: {error:?}");
                self.end(Err(HttpError::HttpResponseIncomplete), Outcome::Failed(Error::Other(reason)));
                Poll::Ready(Some(Err(error)))
            }
            Some(Ok(frame)) => Poll::Ready(Some(Ok(frame))),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Sending {
    /// The client is gone, or it has all that the header `content-length` announced.
    fn drop(&mut self) {
        let whole = self.body.is_end_stream() || self.body.size_hint().exact() == Some(0);
        self.end(if whole { Ok(()) } else { Err(HttpError::ConnectionTerminated) }, Outcome::Ok);
    }
}
