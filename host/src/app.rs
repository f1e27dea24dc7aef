//! A component with its subscriptions, and the loop that gives it its messages.

use crate::{
    bindings::exports::wasi::messaging::incoming_handler,
    broker::{Deliveries, Error, Message},
    events::{Event, Outcome},
    runtime::Runtime,
    state::{Services, State, text},
};
use anyhow::{Context, Result, anyhow, bail};
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::{Semaphore, watch},
    task::JoinHandle,
};
use wasmtime::{
    Store,
    component::{InstancePre, ResourceTable},
};
use wasmtime_wasi::{WasiCtx, p2::bindings::exports::wasi::cli::run};
use wasmtime_wasi_http::{WasiHttpCtx, p2::bindings::exports::wasi::http::incoming_handler as server};

/// A component that is ready to run.
#[derive(Clone)]
pub struct App {
    pub(crate) shared: Arc<Shared>,
}

pub(crate) struct Shared {
    name: Arc<str>,
    pub(crate) pre: InstancePre<State>,
    handler: Option<incoming_handler::GuestIndices>,
    pub(crate) server: Option<server::GuestIndices>,
    command: Option<run::GuestIndices>,
    arguments: Vec<String>,
    services: Arc<Services>,
}

/// What an app is started with.
#[derive(Debug, Clone)]
pub struct Subscriptions {
    /// Topics that its handler gets.
    pub topics: Vec<String>,
    /// The queue that it shares its messages in with other processes.
    pub queue: Option<String>,
    /// Messages that are handled at once.
    pub concurrency: u32,
}

/// An app whose subscriptions are open, or that is being served.
pub struct Running {
    /// Ends the loops.
    pub(crate) stop: watch::Sender<()>,
    pub(crate) loops: Vec<JoinHandle<()>>,
    /// For each loop, one permit for each message or request that may be handled at once.
    pub(crate) permits: Vec<Arc<Semaphore>>,
    pub(crate) concurrency: u32,
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
        let handler = incoming_handler::GuestIndices::new(&pre).ok();
        let server = server::GuestIndices::new(&pre).ok();
        let command = run::GuestIndices::new(&pre).ok();
        if handler.is_none() && server.is_none() && command.is_none() {
            bail!(
                "`{name}` exports none of `wasi:messaging/incoming-handler@0.2.0-draft`, \
                 `wasi:http/incoming-handler@0.2` and `wasi:cli/run@0.2`: there is nothing to call"
            );
        }
        let arguments = std::iter::once(name.to_owned()).chain(arguments.iter().cloned()).collect();
        let services = Arc::clone(services);
        Ok(Self { shared: Arc::new(Shared { name: name.into(), pre, handler, server, command, arguments, services }) })
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.shared.name
    }

    /// Whether it exports `wasi:http/incoming-handler`.
    #[must_use]
    pub fn is_server(&self) -> bool {
        self.shared.server.is_some()
    }

    /// Whether it exports `wasi:cli/run`.
    #[must_use]
    pub fn is_command(&self) -> bool {
        self.shared.command.is_some()
    }

    /// Opens subscriptions, and gives what comes to the app's handler.
    pub async fn start(&self, subscriptions: &Subscriptions) -> Result<Running> {
        let Subscriptions { topics, queue, concurrency } = subscriptions;
        if self.shared.handler.is_none() && !topics.is_empty() {
            bail!("`{}` has no `wasi:messaging/incoming-handler@0.2.0-draft`, so it cannot subscribe", self.name());
        }
        let stop = watch::Sender::new(());
        let mut running = Running { stop, loops: Vec::new(), permits: Vec::new(), concurrency: *concurrency };
        for topic in topics {
            let opened = self.shared.services.broker.subscribe(topic, queue.as_deref()).await;
            let deliveries =
                opened.map_err(|error| anyhow!("`{}` cannot subscribe `{topic}`: {error}", self.name()))?;
            // Permits of its own: a handler that waits for a reply must not keep the reply from being handled.
            let permits = Arc::new(Semaphore::new(*concurrency as usize));
            running.permits.push(Arc::clone(&permits));
            running.loops.push(tokio::spawn(self.clone().serve(deliveries, permits, running.stop.subscribe())));
        }
        Ok(running)
    }

    async fn serve(self, mut deliveries: Deliveries, permits: Arc<Semaphore>, mut stop: watch::Receiver<()>) {
        loop {
            let message = tokio::select! {
                biased;
                _ = stop.changed() => return,
                message = deliveries.recv() => message,
            };
            let Some(message) = message else { return };
            let Ok(permit) = Arc::clone(&permits).acquire_owned().await else { return };
            let app = self.clone();
            tokio::spawn(async move {
                app.handle(message).await;
                drop(permit);
            });
        }
    }

    /// Gives one message to the handler of a fresh instance.
    pub async fn handle(&self, message: Message) -> Outcome {
        let topic = message.topic.clone().unwrap_or_default();
        let outcome = self.call_handler(message).await.unwrap_or_else(|trap| Outcome::Trapped(text(&trap)));
        self.tell(Event::Handled { app: self.name().to_owned(), topic, outcome: outcome.clone() });
        outcome
    }

    /// Runs `wasi:cli/run` of a fresh instance.
    pub async fn run(&self) -> Outcome {
        let outcome = self.call_run().await.unwrap_or_else(|trap| Outcome::Trapped(text(&trap)));
        self.tell(Event::Ran { app: self.name().to_owned(), outcome: outcome.clone() });
        outcome
    }

    async fn call_handler(&self, message: Message) -> wasmtime::Result<Outcome> {
        let mut store = self.store();
        let message = store.data_mut().table.push(message)?;
        let instance = self.shared.pre.instantiate_async(&mut store).await?;
        let Some(handler) = &self.shared.handler else { wasmtime::bail!("the component has no handler") };
        let handler = handler.load(&mut store, &instance)?;
        let result = handler.call_handle(&mut store, message).await?;
        Ok(result.map_or_else(|error| Outcome::Failed(error.into()), |()| Outcome::Ok))
    }

    async fn call_run(&self) -> wasmtime::Result<Outcome> {
        let mut store = self.store();
        let instance = self.shared.pre.instantiate_async(&mut store).await?;
        let Some(command) = &self.shared.command else { wasmtime::bail!("the component is no program") };
        let command = command.load(&mut store, &instance)?;
        let result = command.call_run(&mut store).await?;
        Ok(result.map_or_else(|()| Outcome::Failed(Error::Other("the program failed".into())), |()| Outcome::Ok))
    }

    pub(crate) fn store(&self) -> Store<State> {
        let shared = &self.shared;
        let clock = shared.services.clock;
        let mut wasi = WasiCtx::builder();
        wasi.args(&shared.arguments).inherit_stdout().inherit_stderr().wall_clock(clock).monotonic_clock(clock);
        shared.services.environment.iter().for_each(|(key, value)| _ = wasi.env(key, value));
        let (wasi, http) = (wasi.build(), WasiHttpCtx::new());
        let (app, services) = (Arc::clone(&shared.name), Arc::clone(&shared.services));
        Store::new(shared.pre.engine(), State { app, services, table: ResourceTable::new(), wasi, http })
    }

    pub(crate) fn tell(&self, event: Event) {
        // Nobody need be watching.
        let _ = self.shared.services.watcher.send(event);
    }
}

impl Running {
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
