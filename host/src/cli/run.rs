//! Runs components until all work is done, or until ctrl-c.

use super::{
    AppArgument, Cli, Store, pair,
    tally::{Tally, print},
};
use anyhow::{Context, Result, anyhow, bail};
use indicatif::ProgressBar;
use msgcompose_host::{
    App, Broker, Instances, KeyValue, Message, Options, Pool, Running, Runtime, Services, Serving, broker, keyvalue,
};
use std::{
    collections::BTreeMap,
    future::{Future, poll_fn},
    net::SocketAddr,
    pin::pin,
    process::ExitCode,
    sync::Arc,
    task::Poll,
    time::Duration,
};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    sync::mpsc,
};

impl Cli {
    /// Runs the components and returns the exit code.
    pub fn run(self) -> Result<ExitCode> {
        let threads = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        let code = threads.block_on(self.host());
        // A guest that never returns must not keep the process alive.
        threads.shutdown_background();
        code
    }

    async fn host(self) -> Result<ExitCode> {
        self.check_topics()?;
        let (watcher, events) = mpsc::unbounded_channel();
        let services = self.services(watcher).await?;
        let runtime = Runtime::new(Options::default())?;
        let apps = self.apps.iter().map(|app| self.load(&runtime, &services, app)).collect::<Result<Vec<_>>>()?;
        self.check_instances(&apps)?;
        let tally = Arc::new(Tally::default());
        tokio::spawn(print(events, Arc::clone(&tally), self.quiet));
        let mut running = Vec::new();
        for (app, given) in apps.iter().zip(&self.apps) {
            let mut subscriptions = self.subscriptions(given);
            for topic in app.configure(&mut subscriptions).await? {
                self.note(&format!("`{}` takes `{topic}`, as it says by `configure`", app.name()));
            }
            running.push(app.start(&subscriptions).await?);
        }
        let mut pools: Vec<_> = running.iter().map(Running::pool).collect();
        for (index, address) in self.servers(&apps)?.into_iter().zip(&self.http) {
            let (app, pool) = (&apps[index], &mut pools[index]);
            let serving = self.serve(app, pool, *address).await?;
            self.note(&format!("serving `{}` on http://{}", app.name(), serving.address));
            running.push(serving.running);
        }
        let mut interrupt = pin!(tokio::signal::ctrl_c());
        // It listens from its first poll on. Whoever reads `ready` may interrupt at once.
        if let Poll::Ready(failed) = poll_fn(|context| Poll::Ready(interrupt.as_mut().poll(context))).await {
            failed?;
        }
        self.note("ready");
        tokio::select! {
            worked = self.work(&services, &apps, &pools, &running, &tally) => worked?,
            interrupted = interrupt => {
                interrupted?;
                self.note("stopping");
            }
        }
        let dropped = dropped(&pools).await;
        let mut unfinished = 0;
        for app in running {
            unfinished += app.stop(GRACE).await;
        }
        services.broker.flush().await.map_err(|error| anyhow!("the broker did not take everything: {error}"))?;
        if unfinished > 0 {
            bail!("{unfinished} messages and requests were not finished after {GRACE:?}");
        }
        // Let the events of finished calls arrive.
        tokio::task::yield_now().await;
        self.note(&tally.to_string());
        if !dropped.is_empty() {
            let counts: Vec<_> = dropped.iter().map(|(reason, count)| format!("{reason} {count}")).collect();
            self.note(&format!("dropped replies: {}", counts.join(", ")));
        }
        Ok(if tally.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }

    async fn services(&self, watcher: msgcompose_host::events::Watcher) -> Result<Arc<Services>> {
        let nats = match self.broker.as_str() {
            "memory" => None,
            url => {
                let nats = broker::Nats::connect(url).await;
                Some(nats.map_err(|error| anyhow!("no NATS server at `{url}`: {error}"))?)
            }
        };
        let keyvalue = match (self.keyvalue, &nats) {
            (Store::Memory, _) => KeyValue::Memory(keyvalue::Memory::new(&self.buckets)),
            (Store::Nats, None) => bail!("`--keyvalue nats` needs `--broker nats://HOST:PORT`"),
            (Store::Nats, Some(nats)) => {
                let store = keyvalue::JetStream::connect(nats.client().clone(), &self.buckets).await;
                KeyValue::JetStream(store.map_err(|error| anyhow!("no JetStream key-value store: {error:?}"))?)
            }
        };
        let broker = nats.map_or_else(|| Broker::Memory(broker::Memory::new()), Broker::Nats);
        let (environment, config) = (self.environment.iter().cloned().collect(), self.config.iter().cloned().collect());
        Ok(Arc::new(Services { environment, config, ..Services::new(broker, keyvalue, watcher) }))
    }

    /// Reads and compiles a component. Shows a spinner on a terminal, because a large component takes a while.
    fn load(&self, runtime: &Runtime, services: &Arc<Services>, app: &AppArgument) -> Result<App> {
        let path = app.path.display();
        let bytes = std::fs::read(&app.path).with_context(|| format!("failed to read `{path}`"))?;
        let name = app.path.file_stem().unwrap_or(app.path.as_os_str()).to_string_lossy();
        let name = name.strip_suffix(".composed").unwrap_or(&name);
        let bytes = msgcompose::read_component(&path.to_string(), bytes)?;
        let spinner = if self.quiet { ProgressBar::hidden() } else { ProgressBar::new_spinner() };
        spinner.set_message(format!("compiling {path}"));
        spinner.enable_steady_tick(Duration::from_millis(100));
        let loaded = App::new(runtime, services, name, &bytes, &self.arguments);
        spinner.finish_and_clear();
        loaded
    }

    /// Serves a component over HTTP: with its shared instances if its requests can share them, which are made here if
    /// it has no topics.
    async fn serve(&self, app: &App, pool: &mut Option<Arc<Pool>>, address: SocketAddr) -> Result<Serving> {
        match self.instance {
            Instances::Shared(instances) if app.shares_requests() => {
                let pool = match pool {
                    Some(pool) => pool,
                    None => pool.insert(Arc::new(app.share(instances).await?)),
                };
                pool.serve_http(address, self.concurrency).await
            }
            _ => app.serve_http(address, self.concurrency).await,
        }
    }

    /// Returns the indices of the components to serve over HTTP, one for each `--http`.
    fn servers(&self, apps: &[App]) -> Result<Vec<usize>> {
        let servers: Vec<_> = (0..apps.len()).filter(|index| apps[*index].is_server()).collect();
        match (self.http.len(), servers.len()) {
            (0, _) => self.check_called(apps),
            (times, components) if times == components => Ok(()),
            (times, components) => bail!(
                "`--http` is given {times} time{}, but {components} component{} `wasi:http/incoming-handler@0.2` or \
                 `wasi:http/handler@0.3`; give it once for each, in their order",
                if times == 1 { "" } else { "s" },
                if components == 1 { " exports" } else { "s export" },
            ),
        }?;
        Ok(servers)
    }

    /// Fails if a component would never be called, because it only serves HTTP.
    fn check_called(&self, apps: &[App]) -> Result<()> {
        let mut apps = apps.iter().zip(&self.apps);
        match apps.find(|(app, given)| app.is_server() && !app.is_command() && given.topics.is_empty()) {
            Some((app, _)) => {
                let version = if app.shares_requests() { "handler@0.3" } else { "incoming-handler@0.2" };
                bail!("`{}` exports `wasi:http/{version}`, and nothing calls it: give `--http PORT`", app.name())
            }
            None => Ok(()),
        }
    }

    /// Runs programs, publishes messages, and returns when nothing has happened for the idle time. A real broker and
    /// HTTP have no idle time by default, so this never returns then.
    async fn work(
        &self,
        services: &Services,
        apps: &[App],
        pools: &[Option<Arc<Pool>>],
        running: &[Running],
        tally: &Tally,
    ) -> Result<()> {
        for (topic, data) in &self.deliver {
            self.publish(services, topic, data).await?;
        }
        let programs = apps.iter().zip(pools).filter(|(app, _)| app.is_command());
        let programs = programs.map(async |(app, pool)| app.run(pool.as_deref()).await);
        let (_, lines) = tokio::join!(futures::future::join_all(programs), self.publish_lines(services));
        lines?;
        let idle = match (self.idle_ms, &services.broker) {
            (Some(ms), _) => Duration::from_millis(ms),
            (None, Broker::Memory(_)) if self.http.is_empty() => Duration::from_millis(200),
            (None, _) => std::future::pending().await,
        };
        loop {
            let before = tally.total();
            tokio::time::sleep(idle).await;
            if tally.total() == before && !running.iter().any(Running::is_busy) {
                return Ok(());
            }
        }
    }

    async fn publish_lines(&self, services: &Services) -> Result<()> {
        let mut lines = BufReader::new(tokio::io::stdin()).lines();
        while self.stdin
            && let Some(line) = lines.next_line().await?
        {
            match pair(&line) {
                Ok((topic, data)) => self.publish(services, &topic, &data).await?,
                Err(problem) => eprintln!("`{line}` is not TOPIC=DATA: {problem}"),
            }
        }
        Ok(())
    }

    async fn publish(&self, services: &Services, topic: &str, data: &str) -> Result<()> {
        let metadata = &self.metadata;
        let message = metadata.iter().fold(Message::new(data), |message, (key, value)| message.with(key, value));
        let published = services.broker.publish(topic, message).await;
        published.map_err(|error| anyhow!("failed to publish on `{topic}`: {error}"))
    }

    fn note(&self, text: &str) {
        if !self.quiet {
            eprintln!("{text}");
        }
    }
}

/// Returns how many replies the shared instances have dropped, by reason.
async fn dropped(pools: &[Option<Arc<Pool>>]) -> BTreeMap<String, u64> {
    let mut dropped = BTreeMap::new();
    for pool in pools.iter().flatten() {
        // An instance that hangs reports nothing.
        let counts = tokio::time::timeout(GRACE, pool.dropped()).await.unwrap_or_default();
        for (reason, count) in counts {
            *dropped.entry(reason).or_default() += count;
        }
    }
    dropped
}

/// How long unfinished messages and requests may take when the host ends.
const GRACE: Duration = Duration::from_secs(5);
