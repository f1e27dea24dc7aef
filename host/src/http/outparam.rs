//! Calls `wasi:http/incoming-handler@0.2` of a fresh instance. The handler sets its response before it returns.

use crate::{
    app::{App, Server},
    broker::Error,
    events::Outcome,
    state::text,
};
use anyhow::Result;
use http_body_util::BodyExt;
use hyper::{Request, Response, StatusCode, body::Incoming};
use std::sync::{Arc, OnceLock};
use tokio::sync::{OwnedSemaphorePermit, oneshot};
use wasmtime_wasi_http::{
    WasiBody, WasiHttpView,
    p2::bindings::http::types::{ErrorCode, Scheme},
};

/// The component's response, or the error that it returned.
type Answer = Result<Response<WasiBody>, ErrorCode>;

impl App {
    /// Sends the handler's response to the client, and waits until the handler returns.
    pub(super) async fn call_and_send(
        &self,
        request: Request<Incoming>,
        client: oneshot::Sender<Response<WasiBody>>,
        permit: Arc<OwnedSemaphorePermit>,
    ) -> (StatusCode, Outcome) {
        let given = Arc::new(OnceLock::new());
        let set = {
            let (given, permit) = (Arc::clone(&given), Arc::clone(&permit));
            move |answer: Answer| {
                // The engine calls this once.
                let _ = given.set(answer.as_ref().map(Response::status).map_err(Clone::clone));
                if let Ok(response) = answer {
                    let _ = client.send(response.map(|body| hold(body, permit)));
                }
            }
        };
        let called = self.call_server(request, set).await;
        match (given.get(), called) {
            (Some(Ok(status)), Ok(())) => (*status, Outcome::Ok),
            (Some(Ok(status)), Err(trap)) => (*status, Outcome::Trapped(text(&trap))),
            (_, Err(trap)) => (StatusCode::INTERNAL_SERVER_ERROR, Outcome::Trapped(text(&trap))),
            (Some(Err(code)), Ok(())) => failed(code.to_string()),
            (None, Ok(())) => failed("the component set no response".into()),
        }
    }

    async fn call_server(
        &self,
        request: Request<Incoming>,
        set: impl FnOnce(Answer) + Send + Sync + 'static,
    ) -> wasmtime::Result<()> {
        let mut store = self.store();
        let request = store.data_mut().http().new_incoming_request(Scheme::Http, request)?;
        let response = store.data_mut().http().new_response_outparam_from_callback(set)?;
        let instance = self.inner.pre.instantiate_async(&mut store).await?;
        let Some(Server::Sync(server)) = &self.inner.server else { wasmtime::bail!("the component is no server") };
        let server = server.load(&mut store, &instance)?;
        server.call_handle(&mut store, request, response).await
    }
}

/// Holds the request's permit until the body has been sent.
fn hold(body: WasiBody, permit: Arc<OwnedSemaphorePermit>) -> WasiBody {
    body.map_frame(move |frame| {
        let _ = &permit;
        frame
    })
    .boxed_unsync()
}

fn failed(reason: String) -> (StatusCode, Outcome) {
    (StatusCode::INTERNAL_SERVER_ERROR, Outcome::Failed(Error::Other(reason)))
}
