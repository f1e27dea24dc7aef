//! Times calls of one instance, and counts the host functions that a call calls.

use crate::{
    allocations,
    bindings::wasmcloud::wasmcloud::messaging::types::BrokerMessage,
    count::Counter,
    host::State,
    instance::{Entry, Handle, Live},
    message::Message,
};
use futures::{StreamExt, stream::FuturesUnordered};
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};
use wasmtime::{Result, Store, bail, component::Accessor, ensure, error::Context};
use wasmtime_wasi_http::{
    WasiHttpView,
    p2::bindings::{Proxy, http::types::Scheme},
};

/// The calls before those that count.
const WARM_UP: u64 = 8;

/// The message of each call.
pub struct Input {
    pub topic: String,
    pub data: Vec<u8>,
}

/// The costs of a call.
pub struct Cost {
    pub nanoseconds: f64,
    pub host_calls: u64,
}

/// When calls end.
#[derive(Clone, Copy)]
enum End {
    After(u64),
    At(Instant),
}

impl End {
    fn is_reached(self, calls: u64) -> bool {
        match self {
            Self::After(all) => calls >= all,
            Self::At(instant) => Instant::now() >= instant,
        }
    }
}

impl Input {
    /// Returns the number of messages that a host gets, and of requests that it answers, for one call of a guest that acts
    /// as `courier` does.
    fn messages(&self) -> u64 {
        match self.topic.as_str() {
            "echo" | "forward" => 1,
            "ask" => 2,
            _ => 0,
        }
    }

    fn message(&self) -> Message {
        let mut message = Message { topic: Some(self.topic.clone()), ..Message::new(self.data.clone()) };
        message.set("reply-to", "answers");
        message.set("correlation-id", "0123456789abcdef0123456789abcdef");
        message
    }

    fn broker_message(&self) -> BrokerMessage {
        BrokerMessage { subject: self.topic.clone(), body: self.data.clone(), reply_to: Some("answers".to_owned()) }
    }
}

/// Calls an instance for so long, and returns what a call costs.
pub async fn cost(live: &mut Live, input: &Input, budget: Duration, count: bool) -> Result<Cost> {
    let mut host_calls = 0;
    if count {
        live.call(input, End::After(WARM_UP)).await?;
        let before = live.messages();
        let counter = Counter::start();
        live.call(input, End::After(WARM_UP)).await?;
        host_calls = counter.calls();
        ensure!(host_calls % WARM_UP == 0, "{host_calls} host calls in {WARM_UP} calls");
        host_calls /= WARM_UP;
        ensure!(live.store.data().bucket.is_empty(), "calls leave keys behind");
        if !matches!(live.entry, Entry::Http(_)) {
            let messages = live.messages() - before;
            ensure!(
                messages == WARM_UP * input.messages(),
                "{messages} messages in {WARM_UP} calls of `{}`",
                input.topic
            );
        }
    }
    let start = Instant::now();
    let calls = live.call(input, End::At(start + budget)).await?;
    let nanoseconds = start.elapsed().as_secs_f64() * 1e9 / f64::from(u32::try_from(calls)?);
    Ok(Cost { nanoseconds, host_calls })
}

/// Returns the allocations of a call, in an instance that counts them.
pub async fn allocations(live: &mut Live, input: &Input) -> Result<f64> {
    live.call(input, End::After(WARM_UP)).await?;
    let mut all = 0;
    for _ in 0..WARM_UP {
        let before = live.used()?;
        live.call(input, End::After(1)).await?;
        all += allocations::count(live.used()? - before)?;
    }
    Ok(f64::from(u32::try_from(all)?) / f64::from(u32::try_from(WARM_UP)?))
}

impl Live {
    fn messages(&self) -> u64 {
        self.store.data().messages_sent + self.store.data().requests_answered
    }

    /// Makes calls one after the other, and returns their number.
    async fn call(&mut self, input: &Input, end: End) -> Result<u64> {
        let Self { store, entry } = self;
        let mut calls = 0;
        match entry {
            Entry::Concurrent(handle) => return concurrently(store, *handle, input, end).await,
            Entry::Messaging(handle) => {
                while calls == 0 || !end.is_reached(calls) {
                    let message = store.data_mut().table.push(input.message())?;
                    let (result,) = handle.call_async(&mut *store, (message,)).await?;
                    result?;
                    calls += 1;
                }
            }
            Entry::Wasmcloud(handle) => {
                while calls == 0 || !end.is_reached(calls) {
                    let (result,) = handle.call_async(&mut *store, (input.broker_message(),)).await?;
                    result.map_err(wasmtime::Error::msg)?;
                    calls += 1;
                }
            }
            Entry::Http(proxy) => {
                while calls == 0 || !end.is_reached(calls) {
                    answer(store, proxy, input).await?;
                    calls += 1;
                }
            }
        }
        Ok(calls)
    }
}

/// Calls an `async func`. What it requests is answered by further calls of the same instance, while it waits.
async fn concurrently(store: &mut Store<State>, handle: Handle, input: &Input, end: End) -> Result<u64> {
    let (sender, mut replies) = mpsc::unbounded_channel();
    store.data_mut().replies = Some(sender);
    store
        .run_concurrent(async |accessor| {
            let mut calls = 0;
            while calls == 0 || !end.is_reached(calls) {
                let mut running = FuturesUnordered::new();
                running.push(begin(accessor, handle, input.message())?);
                while !running.is_empty() {
                    tokio::select! {
                        biased;
                        Some(result) = running.next() => result?,
                        Some(reply) = replies.recv() => running.push(begin(accessor, handle, reply)?),
                    }
                }
                calls += 1;
            }
            Ok(calls)
        })
        .await
        .flatten()
}

/// Begins a call. The returned future ends when the call returns.
fn begin(
    accessor: &Accessor<State>,
    handle: Handle,
    message: Message,
) -> Result<impl Future<Output = Result<()>> + use<'_>> {
    let call = accessor.with(|mut access| {
        let message = access.get().table.push(message)?;
        handle.start_call_concurrent(access, (message,))
    })?;
    Ok(async move {
        let (result,) = handle.finish_call_concurrent(accessor, call).await?;
        Ok(result?)
    })
}

/// Posts a message to a component that serves HTTP, and reads the response.
async fn answer(store: &mut Store<State>, proxy: &Proxy, input: &Input) -> Result<()> {
    let body = Full::new(Bytes::from(input.data.clone()));
    let request = hyper::Request::post(format!("/{}", input.topic)).header("host", "bench");
    let request = request.header("content-type", "text/plain").body(body)?;
    let (sender, response) = oneshot::channel();
    let mut http = store.data_mut().http();
    let request = http.new_incoming_request(Scheme::Http, request)?;
    let out = http.new_response_outparam_from_callback(move |response| drop(sender.send(response)))?;
    let handler = proxy.wasi_http_incoming_handler();
    // Read the body while it is written, because it may be longer than the host's buffer.
    let (called, length) = tokio::join!(handler.call_handle(&mut *store, request, out), async {
        let Ok(Ok(response)) = response.await else { bail!("there is no response") };
        ensure!(response.status().is_success(), "the response has status {}", response.status());
        Ok(response.into_body().collect().await.context("the response breaks off")?.to_bytes().len())
    });
    called?;
    let expected = if input.messages() == 0 || input.topic == "forward" { 0 } else { input.data.len() };
    let length = length?;
    ensure!(length == expected, "the response has {length} bytes and not {expected}");
    Ok(())
}
