//! Serves a component over HTTP. Each request gets a fresh instance, or goes to a [shared](crate::shared) one.
//!
//! A component exports `wasi:http/incoming-handler@0.2` or `wasi:http/handler@0.3`; of both, 0.3 is called. Only
//! requests to 0.3 can share instances. The response's body is a stream there. So a fresh instance lives until the body
//! has been sent, and until the work that the handler left running has ended.
//!
//! It serves HTTP/1.1 without TLS, which is enough for a development host. Requests of components go through
//! `wasmtime-wasi-http`, over `http` and `https`.

mod exchange;
mod outparam;

pub(crate) use exchange::Exchange;

use crate::{
    app::{App, Calls},
    broker::Error,
    events::{Event, Outcome},
    running::Running,
    shared::Pool,
    state::{State, text},
};
use anyhow::{Context, Result, bail};
use http_body_util::{BodyExt, Empty};
use hyper::{Request, Response, StatusCode, body::Incoming, header::HOST, server::conn::http1, service::service_fn};
use std::{
    convert::Infallible,
    future::poll_fn,
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
use wasmtime_wasi_http::{WasiBody, WasiHttpCtxView, WasiHttpView, io::TokioIo};

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
    /// Passes each request to `address` to a fresh instance. Port 0 picks any free port. At most `concurrency` requests
    /// are handled at once. A request is finished when the handler has returned and the response has been sent; on 0.3,
    /// also what the handler left running must have ended.
    pub async fn serve_http(&self, address: SocketAddr, concurrency: u32) -> Result<Serving> {
        if !self.is_server() {
            bail!(
                "`{}` exports neither `wasi:http/incoming-handler@0.2` nor `wasi:http/handler@0.3`, so it cannot be \
                 served on {address}",
                self.name()
            );
        }
        Recipient::Fresh(self.clone()).serve(address, concurrency).await
    }

    /// Serves one connection to its end. One request is handled at once.
    pub async fn serve_connection(&self, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) {
        Recipient::Fresh(self.clone()).serve_stream(stream).await;
    }
}

impl Pool {
    /// Passes requests to `address` to the shared instances, as [`App::serve_http`] does to fresh ones.
    ///
    /// # Errors
    ///
    /// The app does not export `wasi:http/handler@0.3`.
    pub async fn serve_http(self: &Arc<Self>, address: SocketAddr, concurrency: u32) -> Result<Serving> {
        if !self.app.shares_requests() {
            let name = self.app.name();
            bail!("`{name}` does not export `wasi:http/handler@0.3`, so requests cannot share its instances");
        }
        Recipient::Shared(Arc::clone(self)).serve(address, concurrency).await
    }

    /// Serves one connection to its end. One request is handled at once.
    pub async fn serve_connection(self: &Arc<Self>, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) {
        Recipient::Shared(Arc::clone(self)).serve_stream(stream).await;
    }
}

/// The instance that gets the requests of an address.
#[derive(Clone)]
enum Recipient {
    /// A fresh instance for each request.
    Fresh(App),
    /// The shared instance with the least load.
    Shared(Arc<Pool>),
}

impl Recipient {
    fn app(&self) -> &App {
        match self {
            Recipient::Fresh(app) => app,
            Recipient::Shared(pool) => &pool.app,
        }
    }

    async fn serve(self, address: SocketAddr, concurrency: u32) -> Result<Serving> {
        let listener = TcpListener::bind(address).await;
        let listener = listener.with_context(|| format!("`{}` cannot be served on {address}", self.app().name()))?;
        let address = listener.local_addr()?;
        let permits = Arc::new(Semaphore::new(concurrency as usize));
        let stop = watch::Sender::new(());
        let accepting = tokio::spawn(accept(self, listener, Arc::clone(&permits), stop.subscribe()));
        let running = Running { stop, loops: vec![accepting], permits: vec![permits], concurrency, pool: None };
        Ok(Serving { address, running })
    }

    async fn serve_stream(self, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) {
        // It lives as long as the connection, because dropping it stops that.
        let stop = watch::Sender::new(());
        connection(self, stream, Arc::new(Semaphore::new(1)), stop.subscribe()).await;
    }

    /// Calls the handler with one request, and returns its response. The handler may continue after that.
    async fn answer(self, request: Request<Incoming>, permit: OwnedSemaphorePermit) -> Response<WasiBody> {
        let (client, response) = oneshot::channel();
        // In a separate task, because the handler continues even if the client disconnects.
        tokio::spawn(async move { self.handle_request(request, client, permit).await });
        response.await.unwrap_or_else(|_| empty(StatusCode::INTERNAL_SERVER_ERROR))
    }

    async fn handle_request(
        &self,
        request: Request<Incoming>,
        client: oneshot::Sender<Response<WasiBody>>,
        permit: OwnedSemaphorePermit,
    ) {
        let method = request.method().to_string();
        let path = request.uri().path_and_query().map_or_else(|| request.uri().to_string(), ToString::to_string);
        let (status, outcome) = if names_host(&request) {
            self.call(request, client, permit).await
        } else {
            // If the client is gone, it needs no response; the same holds below.
            let _ = client.send(empty(StatusCode::BAD_REQUEST));
            (StatusCode::BAD_REQUEST, Outcome::Failed(Error::Other("the request names no host".into())))
        };
        let (app, status) = (self.app().name().to_owned(), status.as_u16());
        self.app().tell(Event::Answered { app, method, path, status, outcome });
    }

    /// Sends the handler's response to the client, and waits until the instance has no more to do for it.
    async fn call(
        &self,
        request: Request<Incoming>,
        client: oneshot::Sender<Response<WasiBody>>,
        permit: OwnedSemaphorePermit,
    ) -> (StatusCode, Outcome) {
        let status = Arc::new(OnceLock::new());
        let outcome = match self {
            Recipient::Fresh(app) if !app.shares_requests() => {
                return app.call_and_send(request, client, Arc::new(permit)).await;
            }
            Recipient::Fresh(app) => app.exchange(Exchange { request, client, status: Arc::clone(&status) }).await,
            Recipient::Shared(pool) => pool.exchange(Exchange { request, client, status: Arc::clone(&status) }).await,
        };
        // It counts as one of those in hand until now.
        drop(permit);
        (status.get().copied().unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), outcome)
    }
}

impl App {
    /// Calls `wasi:http/handler@0.3` of a fresh instance.
    async fn exchange(&self, exchange: Exchange) -> Outcome {
        let call = async {
            let (mut store, Calls { serve, .. }) = self.instantiate().await?;
            let Some(serve) = serve else { wasmtime::bail!("the component is no server") };
            let ran = store.run_concurrent(async |accessor| {
                let outcome = exchange.begin(accessor, serve)?.await?;
                poll_fn(|context| accessor.poll_no_interesting_tasks(context)).await;
                Ok(outcome)
            });
            ran.await.flatten()
        };
        call.await.unwrap_or_else(|trap: wasmtime::Error| Outcome::Trapped(text(&trap)))
    }
}

/// Accepts connections until it is stopped, and returns when all are closed.
async fn accept(recipient: Recipient, listener: TcpListener, permits: Arc<Semaphore>, mut stop: watch::Receiver<()>) {
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
                    connections.spawn(connection(recipient.clone(), stream, Arc::clone(&permits), stop.clone()));
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
    recipient: Recipient,
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    permits: Arc<Semaphore>,
    mut stop: watch::Receiver<()>,
) {
    let service = service_fn(|request| {
        let (recipient, permits) = (recipient.clone(), Arc::clone(&permits));
        async move {
            let permit = permits.acquire_owned().await.expect("permits are never closed");
            Ok::<_, Infallible>(recipient.answer(request, permit).await)
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

fn empty(status: StatusCode) -> Response<WasiBody> {
    let mut response = Response::new(Empty::new().map_err(|never| match never {}).boxed_unsync());
    *response.status_mut() = status;
    response
}
