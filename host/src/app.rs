//! A compiled component, and calls of it with a fresh instance each.

use crate::{
    bindings::exports::wasi::messaging::incoming_handler,
    broker::{Error, Message},
    events::{Event, Outcome},
    outgoing::Outgoing,
    runtime::Runtime,
    state::{Services, State, text},
};
use anyhow::{Context, Result, bail};
use std::sync::Arc;
use wasmtime::{
    Store,
    component::{
        Component, ComponentExportIndex, InstancePre, Resource, ResourceTable, TypedFunc, types::ComponentItem,
    },
};
use wasmtime_wasi::WasiCtx;
use wasmtime_wasi_http::{
    WasiHttpCtx,
    p2::bindings::exports::wasi::http::incoming_handler as server,
    p3::{self, bindings::http::types::ErrorCode},
};

/// A compiled component, ready to be instantiated.
#[derive(Clone)]
pub struct App {
    pub(crate) inner: Arc<Inner>,
}

#[derive(Clone)]
pub(crate) struct Inner {
    name: Arc<str>,
    pub(crate) pre: InstancePre<State>,
    pub(crate) handler: Option<Callee>,
    /// The index of `configure` beside the handler.
    pub(crate) configure: Option<ComponentExportIndex>,
    /// The index of the export `dropped` of `msgcompose:reqreply/statistics`.
    dropped: Option<ComponentExportIndex>,
    pub(crate) server: Option<Server>,
    pub(crate) command: Option<Callee>,
    arguments: Vec<String>,
    pub(crate) services: Arc<Services>,
}

/// A function that a component exports.
#[derive(Clone)]
pub(crate) struct Callee {
    index: ComponentExportIndex,
    /// Whether it is an `async func`. Other calls can enter the instance while such a function waits.
    pub(crate) is_async: bool,
}

/// The function `handle` of an instance.
pub(crate) type Handle = TypedFunc<(Resource<Message>,), (Result<(), incoming_handler::Error>,)>;

/// What a component exports for HTTP.
#[derive(Clone)]
pub(crate) enum Server {
    /// `wasi:http/incoming-handler@0.2`: each request gets a fresh instance.
    Sync(server::GuestIndices),
    /// `wasi:http/handler@0.3`: an instance may have many requests at once.
    Async(ComponentExportIndex),
}

/// The function `handle` of `wasi:http/handler@0.3` of an instance.
pub(crate) type Serve = TypedFunc<(Resource<p3::Request>,), (Result<Resource<p3::Response>, ErrorCode>,)>;

/// The function `run` of an instance.
pub(crate) type Program = TypedFunc<(), (Result<(), ()>,)>;

/// The function `dropped` of an instance: the number of dropped replies, by reason.
pub(crate) type Dropped = TypedFunc<(), (Vec<(String, u64)>,)>;

/// The functions of an instance that the host calls.
#[derive(Clone, Copy)]
pub(crate) struct Calls {
    /// `None` if the component handles no messages.
    pub(crate) handle: Option<Handle>,
    /// `None` if the component does not export `wasi:http/handler@0.3`.
    pub(crate) serve: Option<Serve>,
    /// `None` if the component is not a program.
    pub(crate) program: Option<Program>,
    /// `None` if the component counts no dropped replies.
    pub(crate) dropped: Option<Dropped>,
}

impl Callee {
    /// Finds an exported function, or returns `None`.
    fn of(component: &Component, interface: &str, name: &str) -> Option<Self> {
        let (_, interface) = component.get_export(None, interface)?;
        match component.get_export(Some(&interface), name)? {
            (ComponentItem::ComponentFunc(function), index) => Some(Self { index, is_async: function.async_() }),
            _ => None,
        }
    }
}

impl App {
    /// Compiles a component. `arguments` follow the program's name in `wasi:cli/environment`.
    pub fn new(
        runtime: &Runtime,
        services: &Arc<Services>,
        name: &str,
        bytes: &[u8],
        arguments: &[String],
    ) -> Result<Self> {
        let pre =
            runtime.compile(bytes).map_err(anyhow::Error::from).with_context(|| format!("failed to load `{name}`"))?;
        let callee = |interface, name| Callee::of(pre.component(), interface, name);
        let handler = callee("wasi:messaging/incoming-handler@0.2.0-draft", "handle");
        let configure = callee("wasi:messaging/incoming-handler@0.2.0-draft", "configure").map(|callee| callee.index);
        let command = callee("wasi:cli/run@0.3.0", "run").or_else(|| callee("wasi:cli/run@0.2.0", "run"));
        let statistics = pre.component().get_export_index(None, "msgcompose:reqreply/statistics@0.1.0");
        let dropped = statistics.and_then(|interface| pre.component().get_export_index(Some(&interface), "dropped"));
        // Of two versions, the later one is called.
        let server = match callee("wasi:http/handler@0.3.0", "handle") {
            Some(callee) => Some(Server::Async(callee.index)),
            None => server::GuestIndices::new(&pre).ok().map(Server::Sync),
        };
        if handler.is_none() && server.is_none() && command.is_none() {
            bail!(
                "`{name}` exports none of `wasi:messaging/incoming-handler@0.2.0-draft`, \
                 `wasi:http/incoming-handler@0.2`, `wasi:http/handler@0.3`, `wasi:cli/run@0.2` and `wasi:cli/run@0.3`: \
                 there is nothing to call"
            );
        }
        let arguments = std::iter::once(name.to_owned()).chain(arguments.iter().cloned()).collect();
        let services = Arc::clone(services);
        let name = name.into();
        Ok(Self {
            inner: Arc::new(Inner { name, pre, handler, configure, dropped, server, command, arguments, services }),
        })
    }

    /// Returns the same component with other services. It is not compiled again.
    #[must_use]
    pub fn on(&self, services: &Arc<Services>) -> Self {
        let services = Arc::clone(services);
        Self { inner: Arc::new(Inner { services, ..Inner::clone(&self.inner) }) }
    }

    /// Returns the component's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.inner.name
    }

    /// Returns whether it exports `wasi:http/incoming-handler@0.2` or `wasi:http/handler@0.3`.
    #[must_use]
    pub fn is_server(&self) -> bool {
        self.inner.server.is_some()
    }

    /// Returns whether requests can share instances: it exports `wasi:http/handler@0.3`.
    #[must_use]
    pub fn shares_requests(&self) -> bool {
        matches!(self.inner.server, Some(Server::Async(_)))
    }

    /// Returns whether it exports `wasi:cli/run`.
    #[must_use]
    pub fn is_command(&self) -> bool {
        self.inner.command.is_some()
    }

    /// Calls the handler of a fresh instance with one message.
    pub async fn handle(&self, message: Message) -> Outcome {
        let topic = message.topic.clone().unwrap_or_default();
        let outcome = self.call_handler(message).await.unwrap_or_else(|trap| Outcome::Trapped(text(&trap)));
        self.tell(Event::Handled { app: self.name().to_owned(), topic, outcome: outcome.clone() });
        outcome
    }

    /// Runs `wasi:cli/run` of a fresh instance.
    pub(crate) async fn run_fresh(&self) -> Outcome {
        let outcome = self.call_run().await.unwrap_or_else(|trap| Outcome::Trapped(text(&trap)));
        self.tell(Event::Ran { app: self.name().to_owned(), outcome: outcome.clone() });
        outcome
    }

    async fn call_handler(&self, message: Message) -> wasmtime::Result<Outcome> {
        let (mut store, Calls { handle, .. }) = self.instantiate().await?;
        let Some(handle) = handle else { wasmtime::bail!("the component has no handler") };
        let message = store.data_mut().table.push(message)?;
        let (result,) = handle.call_async(&mut store, (message,)).await?;
        Ok(result.into())
    }

    /// Makes a fresh instance, with the functions to call.
    pub(crate) async fn instantiate(&self) -> wasmtime::Result<(Store<State>, Calls)> {
        let Inner { pre, handler, server, command, dropped, .. } = &*self.inner;
        let mut store = self.store();
        let instance = pre.instantiate_async(&mut store).await?;
        let handle = handler.as_ref().map(|handler| instance.get_typed_func(&mut store, handler.index)).transpose()?;
        let serve = match server {
            Some(Server::Async(index)) => Some(instance.get_typed_func(&mut store, index)?),
            _ => None,
        };
        let program = command.as_ref().map(|command| instance.get_typed_func(&mut store, command.index)).transpose()?;
        let dropped = dropped.map(|index| instance.get_typed_func(&mut store, index)).transpose()?;
        Ok((store, Calls { handle, serve, program, dropped }))
    }

    async fn call_run(&self) -> wasmtime::Result<Outcome> {
        let mut store = self.store();
        let instance = self.inner.pre.instantiate_async(&mut store).await?;
        let Some(command) = &self.inner.command else { wasmtime::bail!("the component is no program") };
        let program: Program = instance.get_typed_func(&mut store, command.index)?;
        let (result,) = program.call_async(&mut store, ()).await?;
        Ok(ran(result))
    }

    pub(crate) fn store(&self) -> Store<State> {
        let inner = &self.inner;
        let clock = &inner.services.clock;
        let mut wasi = WasiCtx::builder();
        wasi.args(&inner.arguments)
            .inherit_stdout()
            .inherit_stderr()
            .wall_clock(clock.clone())
            .monotonic_clock(clock.clone());
        inner.services.random.give(&mut wasi);
        inner.services.environment.iter().for_each(|(key, value)| _ = wasi.env(key, value));
        let (wasi, http) = (wasi.build(), WasiHttpCtx::new());
        let (app, services) = (Arc::clone(&inner.name), Arc::clone(&inner.services));
        let (table, outgoing) = (ResourceTable::new(), Outgoing(services.connect.clone()));
        Store::new(inner.pre.engine(), State { app, services, table, wasi, http, outgoing })
    }

    pub(crate) fn tell(&self, event: Event) {
        // Nobody may be watching.
        let _ = self.inner.services.watcher.send(event);
    }
}

/// Returns the outcome of a program.
pub(crate) fn ran(result: Result<(), ()>) -> Outcome {
    result.map_or_else(|()| Outcome::Failed(Error::Other("the program failed".into())), |()| Outcome::Ok)
}

impl From<Result<(), incoming_handler::Error>> for Outcome {
    fn from(result: Result<(), incoming_handler::Error>) -> Self {
        result.map_or_else(|error| Outcome::Failed(error.into()), |()| Outcome::Ok)
    }
}
