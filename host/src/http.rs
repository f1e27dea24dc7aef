//! A component that answers HTTP requests: each one with an instance of its own, as on the hosts that exist.
//!
//! HTTP/1.1 without TLS, which is all that a development host needs. The requests that components make are made by
//! `wasmtime-wasi-http` as it is, `http` and `https`.

use crate::{
    app::App,
    broker::Error,
    events::{Event, Outcome},
    running::Running,
    state::{State, text},
};
use anyhow::{Context, Result, bail};
use http_body_util::{BodyExt, Empty};
use hyper::{Request, Response, StatusCode, body::Incoming, header::HOST, server::conn::http1, service::service_fn};
use std::{
    convert::Infallible,
    net::SocketAddr,
    pin::pin,
    sync::{Arc, OnceLock},
    time::Duration,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, oneshot, watch},
    task::JoinSet,
};
use wasmtime_wasi_http::{
    WasiHttpCtxView, WasiHttpView,
    io::TokioIo,
    p2::{
        bindings::http::types::{ErrorCode, Scheme},
        body::HyperOutgoingBody,
    },
};

/// What a component answered, or why it did not.
type Answer = Result<Response<HyperOutgoingBody>, ErrorCode>;

/// An app that answers requests.
pub struct Serving {
    /// Where.
    pub address: SocketAddr,
    /// Ends it.
    pub running: Running,
}

impl WasiHttpView for State {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView { ctx: &mut self.http, table: &mut self.table, hooks: wasmtime_wasi_http::default_hooks() }
    }
}

impl App {
    /// Gives requests that come to an address to the app's handler; port 0 is any that is free. A request beyond
    /// `concurrency` waits. One is in hand until the handler has returned and the response has been sent.
    pub async fn serve_http(&self, address: SocketAddr, concurrency: u32) -> Result<Serving> {
        if !self.is_server() {
            bail!("`{}` has no `wasi:http/incoming-handler@0.2`, so it cannot be served on {address}", self.name());
        }
        let listener = TcpListener::bind(address).await;
        let listener = listener.with_context(|| format!("`{}` cannot be served on {address}", self.name()))?;
        let address = listener.local_addr()?;
        let permits = Arc::new(Semaphore::new(concurrency as usize));
        let stop = watch::Sender::new(());
        let accepting = tokio::spawn(accept(self.clone(), listener, Arc::clone(&permits), stop.subscribe()));
        let running = Running { stop, loops: vec![accepting], permits: vec![permits], concurrency, pool: None };
        Ok(Serving { address, running })
    }

    /// Gives one request to the handler of a fresh instance, which may go on when the response is there.
    async fn answer(self, request: Request<Incoming>, permit: OwnedSemaphorePermit) -> Response<HyperOutgoingBody> {
        let (client, response) = oneshot::channel();
        // A task of its own: a client that goes away does not end it.
        tokio::spawn(async move { self.handle_request(request, client, permit).await });
        response.await.unwrap_or_else(|_| empty(StatusCode::INTERNAL_SERVER_ERROR))
    }

    async fn handle_request(
        &self,
        request: Request<Incoming>,
        client: oneshot::Sender<Response<HyperOutgoingBody>>,
        permit: OwnedSemaphorePermit,
    ) {
        let method = request.method().to_string();
        let path = request.uri().path_and_query().map_or_else(|| request.uri().to_string(), ToString::to_string);
        let (status, outcome) = if names_host(&request) {
            self.call_and_send(request, client, Arc::new(permit)).await
        } else {
            // A client that has gone needs no response, here and below.
            let _ = client.send(empty(StatusCode::BAD_REQUEST));
            (StatusCode::BAD_REQUEST, Outcome::Failed(Error::Other("the request names no host".into())))
        };
        self.tell(Event::Answered { app: self.name().to_owned(), method, path, status: status.as_u16(), outcome });
    }

    /// Sends the response on when the handler gives it, and waits until the handler is done.
    async fn call_and_send(
        &self,
        request: Request<Incoming>,
        client: oneshot::Sender<Response<HyperOutgoingBody>>,
        permit: Arc<OwnedSemaphorePermit>,
    ) -> (StatusCode, Outcome) {
        let given = Arc::new(OnceLock::new());
        let set = {
            let (given, permit) = (Arc::clone(&given), Arc::clone(&permit));
            move |answer: Answer| {
                // There is one call of this.
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
        let Some(server) = &self.inner.server else { wasmtime::bail!("the component is no server") };
        let server = server.load(&mut store, &instance)?;
        server.call_handle(&mut store, request, response).await
    }
}

/// Takes connections until it is stopped, and returns when all are closed.
async fn accept(app: App, listener: TcpListener, permits: Arc<Semaphore>, mut stop: watch::Receiver<()>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            biased;
            _ = stop.changed() => break,
            Some(_) = connections.join_next() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(connection(app.clone(), stream, Arc::clone(&permits), stop.clone()));
                }
                // Out of files, most likely, until other connections are closed.
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            },
        }
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

async fn connection(app: App, stream: TcpStream, permits: Arc<Semaphore>, mut stop: watch::Receiver<()>) {
    // It would only be slower otherwise.
    let _ = stream.set_nodelay(true);
    let service = service_fn(|request| {
        let (app, permits) = (app.clone(), Arc::clone(&permits));
        async move {
            let permit = permits.acquire_owned().await.expect("permits are never closed");
            Ok::<_, Infallible>(app.answer(request, permit).await)
        }
    });
    let mut connection = pin!(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    tokio::select! {
        // How it ends is the client's business.
        _ = connection.as_mut() => return,
        _ = stop.changed() => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}

/// A handler must be told the authority, and only the client knows it.
fn names_host(request: &Request<Incoming>) -> bool {
    request.uri().authority().is_some() || request.headers().get(HOST).is_some_and(|host| host.to_str().is_ok())
}

/// A body that keeps a request in hand until it has been sent.
fn hold(body: HyperOutgoingBody, permit: Arc<OwnedSemaphorePermit>) -> HyperOutgoingBody {
    body.map_frame(move |frame| {
        let _ = &permit;
        frame
    })
    .boxed_unsync()
}

fn empty(status: StatusCode) -> Response<HyperOutgoingBody> {
    let mut response = Response::new(Empty::new().map_err(|never| match never {}).boxed_unsync());
    *response.status_mut() = status;
    response
}

fn failed(reason: String) -> (StatusCode, Outcome) {
    (StatusCode::INTERNAL_SERVER_ERROR, Outcome::Failed(Error::Other(reason)))
}
