//! HTTP requests of components: over the network, or over streams that somebody else makes.

use futures::future::BoxFuture;
use http_body_util::BodyExt;
use hyper::{Request, Response, Uri, client::conn::http1};
use std::{fmt, io, pin::pin, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    time::timeout,
};
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpHooks, default_send_request, io::TokioIo};

/// The longest that a request waits which sets no timeout, as on wasmtime.
const PATIENCE: Duration = Duration::from_mins(10);

/// Makes streams to servers, in place of the network. A simulation implements it.
pub trait Connect: fmt::Debug + Send + Sync {
    /// Opens a stream to `authority`.
    ///
    /// # Errors
    ///
    /// Says why there is no connection.
    fn connect(&self, authority: &str) -> io::Result<Box<dyn Stream>>;
}

/// A stream that a connection is made of.
pub trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

/// Sends the requests of one instance: over the network, if there is nothing else.
pub struct Outgoing(pub Option<Arc<dyn Connect>>);

/// A response, and the work that is left for its body.
type Begun = (Response<WasiBody>, Box<dyn Future<Output = Result<(), Error>> + Send>);

impl WasiHttpHooks for Outgoing {
    fn send_request(
        &mut self,
        request: Request<WasiBody>,
        options: Option<RequestOptions>,
        _: Box<dyn Future<Output = Result<(), Error>> + Send>,
    ) -> Box<dyn Future<Output = Result<Begun, Error>> + Send> {
        let connect = self.0.clone();
        Box::new(async move {
            if let Some(connect) = connect {
                return over(&*connect, request, options).await;
            }
            let (response, rest) = default_send_request(request, options).await?;
            Ok((response.map(BodyExt::boxed_unsync), Box::new(rest) as _))
        })
    }
}

/// Sends a request over a stream, as [`default_send_request`] does over the network.
async fn over(
    connect: &dyn Connect,
    mut request: Request<WasiBody>,
    options: Option<RequestOptions>,
) -> Result<Begun, Error> {
    let authority = request.uri().authority().ok_or(Error::HttpRequestUriInvalid)?;
    let stream = connect.connect(authority.as_str()).map_err(Error::Connect)?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let path = request.uri().path_and_query().map_or_else(Uri::default, |path| path.clone().into());
    *request.uri_mut() = path;
    let mut rest: BoxFuture<'static, Result<(), Error>> = Box::pin(async move { Ok(connection.await?) });
    let mut sending = pin!(sender.send_request(request));
    let response = timeout(options.and_then(|options| options.first_byte_timeout).unwrap_or(PATIENCE), async {
        tokio::select! {
            biased;
            response = sending.as_mut() => Ok(response?),
            ended = rest.as_mut() => {
                ended?;
                // A connection that ended must not be polled again.
                rest = Box::pin(async { Ok(()) });
                Ok(sending.as_mut().await?)
            }
        }
    });
    let response: Result<_, Error> = response.await.map_err(|_| Error::ConnectionReadTimeout)?;
    Ok((response?.map(|body| body.map_err(Error::from).boxed_unsync()), Box::new(rest)))
}
