//! Serves a component over HTTP. Each request gets a fresh instance, as on most hosts.
//!
//! It serves HTTP/1.1 without TLS, which is enough for a development host. Requests of components go through
//! `wasmtime-wasi-http`, over `http` and `https`.

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
    io::{AsyncRead, AsyncWrite},
    net::TcpListener,
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

/// The component's response, or the error that it returned.
type Answer = Result<Response<HyperOutgoingBody>, ErrorCode>;

/// An app that is being served over HTTP.
pub struct Serving {
    /// The address.
    pub address: SocketAddr,
    /// Stops serving.
    pub running: Running,
}

impl WasiHttpView for State {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView { ctx: &mut self.http, table: &mut self.table, hooks: &mut self.outgoing }
    }
}

impl App {
    /// Passes requests to `address` to the app's handler. Port 0 picks any free port. At most `concurrency` requests
    /// are handled at once. A request is finished when the handler has returned and the response has been sent.
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

    /// Serves one connection to its end. One request is handled at once.
    pub async fn serve_connection(&self, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) {
        // It lives as long as the connection, because dropping it stops that.
        let stop = watch::Sender::new(());
        connection(self.clone(), stream, Arc::new(Semaphore::new(1)), stop.subscribe()).await;
    }

    /// Calls the handler of a fresh instance with one request, and returns its response. The handler may continue after
    /// that.
    async fn answer(self, request: Request<Incoming>, permit: OwnedSemaphorePermit) -> Response<HyperOutgoingBody> {
        let (client, response) = oneshot::channel();
        // In a separate task, because the handler continues even if the client disconnects.
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
            // If the client is gone, it needs no response; the same holds below.
            let _ = client.send(empty(StatusCode::BAD_REQUEST));
            (StatusCode::BAD_REQUEST, Outcome::Failed(Error::Other("the request names no host".into())))
        };
        self.tell(Event::Answered { app: self.name().to_owned(), method, path, status: status.as_u16(), outcome });
    }

    /// Sends the handler's response to the client, and waits until the handler returns.
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
        let Some(server) = &self.inner.server else { wasmtime::bail!("the component is no server") };
        let server = server.load(&mut store, &instance)?;
        server.call_handle(&mut store, request, response).await
    }
}

/// Accepts connections until it is stopped, and returns when all are closed.
async fn accept(app: App, listener: TcpListener, permits: Arc<Semaphore>, mut stop: watch::Receiver<()>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            biased;
            _ = stop.changed() => break,
            Some(_) = connections.join_next() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    // A failure only makes the connection slower.
                    let _ = stream.set_nodelay(true);
                    connections.spawn(connection(app.clone(), stream, Arc::clone(&permits), stop.clone()));
                }
                // Probably out of file descriptors, until other connections are closed.
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            },
        }
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

async fn connection(
    app: App,
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    permits: Arc<Semaphore>,
    mut stop: watch::Receiver<()>,
) {
    let service = service_fn(|request| {
        let (app, permits) = (app.clone(), Arc::clone(&permits));
        async move {
            let permit = permits.acquire_owned().await.expect("permits are never closed");
            Ok::<_, Infallible>(app.answer(request, permit).await)
        }
    });
    let mut connection = pin!(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    tokio::select! {
        // Errors of a connection concern the client only.
        _ = connection.as_mut() => return,
        _ = stop.changed() => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}

/// Returns whether the request names a host. Handlers need the authority, and only the client knows it.
fn names_host(request: &Request<Incoming>) -> bool {
    request.uri().authority().is_some() || request.headers().get(HOST).is_some_and(|host| host.to_str().is_ok())
}

/// Holds the request's permit until the body has been sent.
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
