//! A component with its subscriptions, and the loop that gives it its messages.

use crate::{
    bindings::exports::wasi::messaging::incoming_handler,
    broker::{Deliveries, Error, Message},
    events::{Event, Outcome},
    runtime::Runtime,
    shared::Pool,
    state::{Services, State, text},
};
use anyhow::{Context, Result, anyhow, bail};
use std::{num::NonZeroUsize, sync::Arc, time::Duration};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    task::JoinHandle,
};
use wasmtime::{
    Store,
    component::{
        Component, ComponentExportIndex, InstancePre, Resource, ResourceTable, TypedFunc, types::ComponentItem,
    },
};
use wasmtime_wasi::WasiCtx;
use wasmtime_wasi_http::{WasiHttpCtx, p2::bindings::exports::wasi::http::incoming_handler as server};

/// A component that is ready to run.
#[derive(Clone)]
pub struct App {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    name: Arc<str>,
    pub(crate) pre: InstancePre<State>,
    pub(crate) handler: Option<Callee>,
    /// Where `dropped` of its statistics is.
    dropped: Option<ComponentExportIndex>,
    pub(crate) server: Option<server::GuestIndices>,
    command: Option<Callee>,
    arguments: Vec<String>,
    services: Arc<Services>,
}

/// Where a function is that a component exports.
pub(crate) struct Callee {
    index: ComponentExportIndex,
    /// Whether an instance can have other calls meanwhile: it is an `async func`.
    pub(crate) is_async: bool,
}

/// `handle` of an instance.
pub(crate) type Handle = TypedFunc<(Resource<Message>,), (Result<(), incoming_handler::Error>,)>;

/// `run` of an instance.
pub(crate) type Program = TypedFunc<(), (Result<(), ()>,)>;

/// `dropped` of an instance: how many replies it has dropped, by reason.
pub(crate) type Dropped = TypedFunc<(), (Vec<(String, u64)>,)>;

/// What is called of an instance.
#[derive(Clone, Copy)]
pub(crate) struct Calls {
    pub(crate) handle: Handle,
    /// None when it is no program.
    pub(crate) program: Option<Program>,
    /// None when it counts nothing.
    pub(crate) dropped: Option<Dropped>,
}

/// The instances that messages are given to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Instances {
    /// One for each message.
    #[default]
    Fresh,
    /// So many, which live as long as the subscriptions, each with several messages at once: see [`Pool`].
    Shared(NonZeroUsize),
}

/// What an app is started with.
#[derive(Debug, Clone)]
pub struct Subscriptions {
    /// Topics that its handler gets. Each message is given to one instance.
    pub topics: Vec<String>,
    /// Topics of which each shared instance gets every message, because a reply must reach the instance that asked. The
    /// queue does not hold for them.
    pub inboxes: Vec<String>,
    /// The queue that it shares its messages in with other processes.
    pub queue: Option<String>,
    /// Messages of one topic that are handled at once; of an inbox, by one instance.
    pub concurrency: u32,
    /// Who handles them.
    pub instances: Instances,
}

impl Default for Subscriptions {
    /// No topics, no queue, one message at once, fresh instances.
    fn default() -> Self {
        let (topics, inboxes, queue, instances) = Default::default();
        Self { topics, inboxes, queue, concurrency: 1, instances }
    }
}

/// Whom a subscription's messages go to.
#[derive(Clone)]
enum Recipient {
    /// A fresh instance.
    Fresh(App),
    /// The shared instance that has the least to do.
    Any(Arc<Pool>),
    /// One of the shared instances.
    One(Arc<Pool>, usize),
}

/// An app whose subscriptions are open, or that is being served.
pub struct Running {
    /// Ends the loops.
    pub(crate) stop: watch::Sender<()>,
    pub(crate) loops: Vec<JoinHandle<()>>,
    /// For each loop, one permit for each message or request that may be handled at once.
    pub(crate) permits: Vec<Arc<Semaphore>>,
    pub(crate) concurrency: u32,
    pub(crate) pool: Option<Arc<Pool>>,
}

impl Callee {
    /// None when the component does not export it.
    fn of(component: &Component, interface: &str, name: &str) -> Option<Self> {
        let (_, interface) = component.get_export(None, interface)?;
        match component.get_export(Some(&interface), name)? {
            (ComponentItem::ComponentFunc(function), index) => Some(Self { index, is_async: function.async_() }),
            _ => None,
        }
    }
}

impl App {
    /// Compiles a component. `arguments` are what `wasi:cli/environment` tells it, behind the program's name.
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
        let command = callee("wasi:cli/run@0.3.0", "run").or_else(|| callee("wasi:cli/run@0.2.0", "run"));
        let statistics = pre.component().get_export_index(None, "msgcompose:reqreply/statistics@0.1.0");
        let dropped = statistics.and_then(|interface| pre.component().get_export_index(Some(&interface), "dropped"));
        let server = server::GuestIndices::new(&pre).ok();
        if handler.is_none() && server.is_none() && command.is_none() {
            bail!(
                "`{name}` exports none of `wasi:messaging/incoming-handler@0.2.0-draft`, \
                 `wasi:http/incoming-handler@0.2`, `wasi:cli/run@0.2` and `wasi:cli/run@0.3`: there is nothing to call"
            );
        }
        let arguments = std::iter::once(name.to_owned()).chain(arguments.iter().cloned()).collect();
        let services = Arc::clone(services);
        Ok(Self {
            inner: Arc::new(Inner { name: name.into(), pre, handler, dropped, server, command, arguments, services }),
        })
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.inner.name
    }

    /// Whether it exports `wasi:http/incoming-handler`.
    #[must_use]
    pub fn is_server(&self) -> bool {
        self.inner.server.is_some()
    }

    /// Whether it exports `wasi:cli/run`.
    #[must_use]
    pub fn is_command(&self) -> bool {
        self.inner.command.is_some()
    }

    /// Opens subscriptions, and gives what comes to the app's handler.
    pub async fn start(&self, subscriptions: &Subscriptions) -> Result<Running> {
        let Subscriptions { topics, inboxes, queue, concurrency, instances } = subscriptions;
        let (stop, queue) = (watch::Sender::new(()), queue.as_deref());
        let mut running =
            Running { stop, loops: Vec::new(), permits: Vec::new(), concurrency: *concurrency, pool: None };
        if topics.is_empty() && inboxes.is_empty() {
            return Ok(running);
        }
        if self.inner.handler.is_none() {
            bail!("`{}` has no `wasi:messaging/incoming-handler@0.2.0-draft`, so it cannot subscribe", self.name());
        }
        let (any, each) = match instances {
            Instances::Fresh => (Recipient::Fresh(self.clone()), vec![Recipient::Fresh(self.clone())]),
            Instances::Shared(number) => {
                let pool = running.pool.insert(Arc::new(self.share(*number).await?));
                let each = (0..number.get()).map(|index| Recipient::One(Arc::clone(pool), index)).collect();
                (Recipient::Any(Arc::clone(pool)), each)
            }
        };
        for topic in topics {
            self.subscribe(&mut running, topic, queue, any.clone()).await?;
        }
        for topic in inboxes {
            for one in &each {
                self.subscribe(&mut running, topic, None, one.clone()).await?;
            }
        }
        Ok(running)
    }

    /// Makes instances that handle messages side by side.
    pub async fn share(&self, instances: NonZeroUsize) -> Result<Pool> {
        Pool::new(self, instances).await.with_context(|| format!("`{}` cannot have shared instances", self.name()))
    }

    async fn subscribe(
        &self,
        running: &mut Running,
        topic: &str,
        queue: Option<&str>,
        recipient: Recipient,
    ) -> Result<()> {
        let opened = self.inner.services.broker.subscribe(topic, queue).await;
        let deliveries = opened.map_err(|error| anyhow!("`{}` cannot subscribe `{topic}`: {error}", self.name()))?;
        // Permits of its own: a handler that waits for a reply must not keep the reply from being handled.
        let permits = Arc::new(Semaphore::new(running.concurrency as usize));
        running.permits.push(Arc::clone(&permits));
        running.loops.push(tokio::spawn(recipient.serve(deliveries, permits, running.stop.subscribe())));
        Ok(())
    }

    /// Gives one message to the handler of a fresh instance.
    pub async fn handle(&self, message: Message) -> Outcome {
        let topic = message.topic.clone().unwrap_or_default();
        let outcome = self.call_handler(message).await.unwrap_or_else(|trap| Outcome::Trapped(text(&trap)));
        self.tell(Event::Handled { app: self.name().to_owned(), topic, outcome: outcome.clone() });
        outcome
    }

    /// Runs `wasi:cli/run`: of the first of these shared instances, which handles messages meanwhile, if that is an
    /// `async func`; else of a fresh instance.
    pub async fn run(&self, shared: Option<&Pool>) -> Outcome {
        if let (Some(pool), Some(Callee { is_async: true, .. })) = (shared, &self.inner.command) {
            return pool.run().await;
        }
        let outcome = self.call_run().await.unwrap_or_else(|trap| Outcome::Trapped(text(&trap)));
        self.tell(Event::Ran { app: self.name().to_owned(), outcome: outcome.clone() });
        outcome
    }

    async fn call_handler(&self, message: Message) -> wasmtime::Result<Outcome> {
        let (mut store, Calls { handle, .. }) = self.instantiate().await?;
        let message = store.data_mut().table.push(message)?;
        let (result,) = handle.call_async(&mut store, (message,)).await?;
        Ok(result.into())
    }

    /// A fresh instance, and what is called of it.
    pub(crate) async fn instantiate(&self) -> wasmtime::Result<(Store<State>, Calls)> {
        let Some(handler) = &self.inner.handler else { wasmtime::bail!("the component has no handler") };
        let mut store = self.store();
        let instance = self.inner.pre.instantiate_async(&mut store).await?;
        let handle = instance.get_typed_func(&mut store, handler.index)?;
        let command = self.inner.command.as_ref();
        let program = command.map(|command| instance.get_typed_func(&mut store, command.index)).transpose()?;
        let dropped = self.inner.dropped.map(|index| instance.get_typed_func(&mut store, index)).transpose()?;
        Ok((store, Calls { handle, program, dropped }))
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
        let clock = inner.services.clock;
        let mut wasi = WasiCtx::builder();
        wasi.args(&inner.arguments).inherit_stdout().inherit_stderr().wall_clock(clock).monotonic_clock(clock);
        inner.services.environment.iter().for_each(|(key, value)| _ = wasi.env(key, value));
        let (wasi, http) = (wasi.build(), WasiHttpCtx::new());
        let (app, services) = (Arc::clone(&inner.name), Arc::clone(&inner.services));
        Store::new(inner.pre.engine(), State { app, services, table: ResourceTable::new(), wasi, http })
    }

    pub(crate) fn tell(&self, event: Event) {
        // Nobody need be watching.
        let _ = self.inner.services.watcher.send(event);
    }
}

impl Recipient {
    async fn serve(self, mut deliveries: Deliveries, permits: Arc<Semaphore>, mut stop: watch::Receiver<()>) {
        loop {
            let message = tokio::select! {
                biased;
                _ = stop.changed() => return,
                message = deliveries.recv() => message,
            };
            let Some(message) = message else { return };
            let Ok(permit) = Arc::clone(&permits).acquire_owned().await else { return };
            self.give(message, permit);
        }
    }

    /// Hands a message over; the permit is given back when it has been handled.
    fn give(&self, message: Message, permit: OwnedSemaphorePermit) {
        match self {
            Recipient::Fresh(app) => {
                let app = app.clone();
                tokio::spawn(async move {
                    app.handle(message).await;
                    drop(permit);
                });
            }
            Recipient::Any(pool) => pool.give(pool.idlest(), message, move |_| drop(permit)),
            Recipient::One(pool, index) => pool.give(*index, message, move |_| drop(permit)),
        }
    }
}

/// What became of a program.
pub(crate) fn ran(result: Result<(), ()>) -> Outcome {
    result.map_or_else(|()| Outcome::Failed(Error::Other("the program failed".into())), |()| Outcome::Ok)
}

impl From<Result<(), incoming_handler::Error>> for Outcome {
    fn from(result: Result<(), incoming_handler::Error>) -> Self {
        result.map_or_else(|error| Outcome::Failed(error.into()), |()| Outcome::Ok)
    }
}

impl Running {
    /// The shared instances, if it has any.
    #[must_use]
    pub fn pool(&self) -> Option<Arc<Pool>> {
        self.pool.clone()
    }

    /// Whether a message or a request is being handled.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.permits.iter().any(|permits| permits.available_permits() < self.concurrency as usize)
    }

    /// Takes no further messages or requests, and waits for those in hand, but no longer than `grace`. Gives the number of those
    /// that were not finished.
    pub async fn stop(self, grace: Duration) -> usize {
        // Without receivers there is no loop to stop.
        let _ = self.stop.send(());
        let all_done = async {
            futures::future::join_all(self.loops).await;
            for permits in &self.permits {
                let _ = permits.acquire_many(self.concurrency).await;
            }
        };
        let _ = tokio::time::timeout(grace, all_done).await;
        self.permits.iter().map(|permits| self.concurrency as usize - permits.available_permits()).sum()
    }
}
