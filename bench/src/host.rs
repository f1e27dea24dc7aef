//! The host of measured components: an engine, host functions that do no more than they must, and the state of an
//! instance.

use crate::{
    allocations,
    bindings::{
        keyvalue as keyvalue_bindings,
        wasi::messaging::{producer, request_reply, request_reply::Host as _, types},
        wasmcloud,
    },
    count::SPAN,
    instance::Peer,
    keyvalue::Bucket,
    message::Message,
};
use http_body_util::{BodyExt, Full};
use hyper::{Request, Response};
use tokio::sync::mpsc;
use tracing::Level;
use wasmtime::{
    Config, Engine, InstanceAllocationStrategy, PoolingAllocationConfig, Result, Store,
    component::{Access, Component, HasData, Linker, Resource, ResourceTable, types::ComponentItem},
};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpCtx, WasiHttpCtxView, WasiHttpHooks, WasiHttpView};

const TYPES: &str = "wasi:messaging/types@0.2.0-draft";
const CONNECT: &str = "[static]client.connect";
const PRODUCER: &str = "wasi:messaging/producer@0.2.0-draft";
const SEND: &str = "send";
const REQUEST_REPLY: &str = "wasi:messaging/request-reply@0.2.0-draft";
const REQUEST: &str = "request";
const REPLY: &str = "reply";

/// A client.
pub struct Client;

/// Options of a request.
pub struct Options;

/// The state of one instance.
pub struct State {
    pub table: ResourceTable,
    pub bucket: Bucket,
    /// The instance that gets replies to what this one requests, if another one does.
    pub peer: Option<Box<Peer>>,
    /// Where replies go if this instance gets them itself.
    pub replies: Option<mpsc::UnboundedSender<Message>>,
    /// The number of messages that were sent.
    pub messages_sent: u64,
    /// The number of requests that the host answered.
    pub requests_answered: u64,
    wasi: WasiCtx,
    http: WasiHttpCtx,
    hooks: Echo,
}

/// How an engine is set up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Setup {
    /// Whether it supports the component model's async.
    pub concurrency: bool,
    /// Whether it allocates instances in a pool.
    pub pooling: bool,
    /// Whether it counts allocations, as fuel.
    pub counting: bool,
}

/// An engine with all host functions but those that differ between dialects.
pub struct Host {
    setup: Setup,
    engine: Engine,
    linker: Linker<State>,
}

impl HasData for State {
    type Data<'a> = &'a mut State;
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

impl WasiHttpView for State {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView { ctx: &mut self.http, table: &mut self.table, hooks: &mut self.hooks }
    }
}

impl State {
    /// Takes a message that the component has sent. A request is answered with its own data.
    pub async fn sent(&mut self, message: Message) -> Result<()> {
        if let Some(reply) = self.answer(message)
            && let Some(mut peer) = self.peer.take()
        {
            let handled = peer.handle(reply).await;
            self.peer = Some(peer);
            handled?;
        }
        Ok(())
    }

    /// Counts a message that the component has sent. Returns the reply to a request, unless this instance gets its
    /// replies itself.
    fn answer(&mut self, message: Message) -> Option<Message> {
        self.messages_sent += 1;
        let mut reply = Message { topic: Some(message.get("reply-to")?.to_owned()), ..Message::default() };
        if let Some(id) = message.get("correlation-id") {
            reply.set("correlation-id", id);
        }
        reply.data = message.data;
        let Some(replies) = &self.replies else { return Some(reply) };
        // Whoever waits for it is there as long as the instance.
        let _ = replies.send(reply);
        None
    }
}

impl Host {
    /// Sets up an engine.
    pub fn new(setup: Setup) -> Result<Self> {
        let mut config = Config::new();
        config.concurrency_support(setup.concurrency);
        if setup.pooling {
            config.allocation_strategy(InstanceAllocationStrategy::Pooling(PoolingAllocationConfig::new()));
        }
        if setup.counting {
            config.consume_fuel(true).operator_cost(allocations::costs());
        }
        let engine = Engine::new(&config)?;
        let mut linker = Linker::new(&engine);
        wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
        wasmtime_wasi_http::p2::add_only_http_to_linker_async(&mut linker)?;
        if setup.concurrency {
            wasmtime_wasi::p3::add_to_linker(&mut linker)?;
        }
        keyvalue_bindings::Keyvalue::add_to_linker::<_, State>(&mut linker, |state| state)?;
        wasmcloud::Messaging::add_to_linker::<_, State>(&mut linker, |state| state)?;
        types::add_to_linker::<_, State>(&mut linker, |state| state)?;
        producer::add_to_linker::<_, State>(&mut linker, |state| state)?;
        request_reply::add_to_linker::<_, State>(&mut linker, |state| state)?;
        Ok(Self { setup, engine, linker })
    }

    /// Compiles a component.
    pub fn compile(&self, bytes: &[u8]) -> Result<Component> {
        if self.setup.counting {
            return Component::new(&self.engine, allocations::marked(bytes)?);
        }
        Component::new(&self.engine, bytes)
    }

    /// Returns the engine.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Returns the host functions, in the dialect of a component.
    pub fn linker(&self, component: &Component) -> Result<Linker<State>> {
        let mut linker = self.linker.clone();
        linker.allow_shadowing(true);
        if imports_async(component, TYPES, CONNECT) {
            linker.instance(TYPES)?.func_wrap_concurrent(CONNECT, |accessor, (_,): (String,)| {
                Box::pin(async move {
                    let _span = tracing::span!(Level::TRACE, SPAN);
                    let client = accessor.with(|mut access| access.get().table.push(Client))?;
                    Ok((Ok::<_, types::Error>(client),))
                })
            })?;
        }
        if imports_async(component, PRODUCER, SEND) {
            type Sent = (Resource<Client>, String, Resource<Message>);
            linker.instance(PRODUCER)?.func_wrap_concurrent(SEND, |accessor, (_, _, message): Sent| {
                Box::pin(async move {
                    let _span = tracing::span!(Level::TRACE, SPAN);
                    accessor.with(|mut access| -> Result<()> {
                        let state = access.get();
                        let message = state.table.delete(message)?;
                        // There is no peer: an instance with async functions gets its replies itself.
                        state.answer(message);
                        Ok(())
                    })?;
                    Ok((Ok::<(), types::Error>(()),))
                })
            })?;
        }
        if imports_async(component, REQUEST_REPLY, REQUEST) {
            type Asked = (Resource<Client>, String, Resource<Message>, Option<Resource<Options>>);
            linker.instance(REQUEST_REPLY)?.func_wrap_concurrent(REQUEST, |accessor, asked: Asked| {
                Box::pin(async move {
                    let _span = tracing::span!(Level::TRACE, SPAN);
                    let (client, topic, message, options) = asked;
                    let request = |mut access: Access<'_, State>| access.get().request(client, topic, message, options);
                    Ok((accessor.with(request)?,))
                })
            })?;
        }
        if imports_async(component, REQUEST_REPLY, REPLY) {
            type Replied = (Resource<Message>, Resource<Message>);
            linker.instance(REQUEST_REPLY)?.func_wrap_concurrent(REPLY, |accessor, replied: Replied| {
                Box::pin(async move {
                    let _span = tracing::span!(Level::TRACE, SPAN);
                    Ok((accessor.with(|mut access| access.get().reply(replied.0, replied.1))?,))
                })
            })?;
        }
        Ok(linker)
    }

    /// Makes the state of an instance.
    pub fn store(&self, bucket: &Bucket) -> Store<State> {
        let (table, wasi, http) = (ResourceTable::new(), WasiCtx::default(), WasiHttpCtx::new());
        let (peer, replies, messages_sent, requests_answered) = Default::default();
        let bucket = bucket.clone();
        let state = State { table, bucket, peer, replies, messages_sent, requests_answered, wasi, http, hooks: Echo };
        let mut store = Store::new(&self.engine, state);
        // Only an engine that counts takes fuel.
        let _ = store.set_fuel(u64::MAX);
        store
    }
}

/// Returns whether a component imports a function as `async func`.
fn imports_async(component: &Component, interface: &str, function: &str) -> bool {
    let (component, engine) = (component.component_type(), component.engine());
    let Some(ComponentItem::ComponentInstance(interface)) =
        component.get_import(engine, interface).map(|import| import.ty)
    else {
        return false;
    };
    let function = interface.get_export(engine, function).map(|export| export.ty);
    matches!(function, Some(ComponentItem::ComponentFunc(function)) if function.async_())
}

/// Answers HTTP requests of components with their own body.
struct Echo;

/// A response, and the work that is left for its body.
type Begun = (Response<WasiBody>, Box<dyn Future<Output = Result<(), Error>> + Send>);

impl WasiHttpHooks for Echo {
    fn send_request(
        &mut self,
        request: Request<WasiBody>,
        _: Option<RequestOptions>,
        _: Box<dyn Future<Output = Result<(), Error>> + Send>,
    ) -> Box<dyn Future<Output = Result<Begun, Error>> + Send> {
        Box::new(async move {
            let content_type = request.headers().get("content-type").cloned();
            let body = request.into_body().collect().await?.to_bytes();
            let mut response = Response::new(Full::new(body).map_err(|never| match never {}).boxed_unsync());
            if let Some(content_type) = content_type {
                response.headers_mut().insert("content-type", content_type);
            }
            Ok((response, Box::new(async { Ok(()) }) as _))
        })
    }
}
