//! Runs components from the command line until they are done, or until ctrl-c.

mod tally;

use anyhow::{Context, Result, anyhow, bail};
use clap::{Parser, ValueEnum};
use indicatif::ProgressBar;
use msgcompose_host::{
    App, Broker, Instances, KeyValue, Message, Options, Running, Runtime, Services, Subscriptions, broker, keyvalue,
};
use std::{
    collections::BTreeMap,
    net::{Ipv4Addr, SocketAddr, ToSocketAddrs},
    num::NonZeroUsize,
    path::PathBuf,
    process::ExitCode,
    sync::Arc,
    time::Duration,
};
use tally::{Tally, print};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    sync::mpsc,
};

/// A development host for messaging components
///
/// It has `wasi:messaging` without request/reply, delivery of subscribed topics, `wasi:http` in and out, a shared
/// `wasi:keyvalue`, and `wasi:config`; every message and every request gets a fresh instance, or messages share some
/// with `--instance`. HTTP is 1.1: served without TLS; requests that components make may be `http` or `https`. It is for
/// trying components out, not for production.
#[derive(Debug, Parser)]
#[command(
    version,
    after_help = "\
Examples:
  # two components and an in-memory broker; the first message comes from the command line
  msgcompose-host desk.wasm=quotes,quotes.replies pricer.wasm=prices --deliver quotes=ACME --metadata reply-to=answers

  # one component on a real broker, until ctrl-c
  msgcompose-host desk.wasm=quotes,quotes.replies --broker nats://localhost:4222 --keyvalue nats

  # one instance that has many messages in hand at once, and gets the replies to its own requests
  msgcompose-host desk.wasm=quotes,desk.inbox.* --instance shared --inbox desk.inbox.* --broker nats://localhost:4222

  # two components that export `wasi:http/incoming-handler`, the first on port 8080, the second on any free one
  msgcompose-host desk.wasm pricer.wasm --http 8080 --http 0 --config greeting=hello

Exit status:
  0  done, also by ctrl-c
  1  a component could not be loaded, or failed, or was not finished in time"
)]
pub struct Cli {
    /// A component, and the topics that its handler gets: NATS subjects, with `*` and `>`
    #[arg(value_name = "COMPONENT[=TOPIC,…]", required = true, value_parser = app)]
    apps: Vec<AppArgument>,
    /// The broker: `memory`, or the address of a NATS server
    #[arg(long, value_name = "memory|nats://HOST:PORT", default_value = "memory")]
    broker: String,
    /// The key-value store; `nats` is JetStream on the same server
    #[arg(long, value_enum, default_value_t)]
    keyvalue: Store,
    /// A bucket of the key-value store, made if it is not there
    #[arg(long = "bucket", value_name = "NAME", default_value = "default")]
    buckets: Vec<String>,
    /// Answer HTTP requests here; once for each component that exports `wasi:http/incoming-handler`, in their order.
    /// HOST is 127.0.0.1 if it is left out, and port 0 is any that is free
    #[arg(long, value_name = "[HOST:]PORT", value_parser = address)]
    http: Vec<SocketAddr>,
    /// Who handles messages: a fresh instance each, or N instances (1 if left out) that live as long as the host. These
    /// have many messages in hand at once if `handle` is an `async func`, and one if it is sync: such a component cannot
    /// wait for replies there. A trap ends all that its instance has in hand, and a fresh one goes on. The first instance
    /// also runs the program, if `run` is an `async func`; other programs and HTTP requests always get a fresh instance
    #[arg(long, value_name = "fresh|shared|shared:N", default_value = "fresh", value_parser = instances)]
    instance: Instances,
    /// One of the topics, for replies: every shared instance of every process gets each message, whatever `--queue` says
    #[arg(long = "inbox", value_name = "TOPIC")]
    inboxes: Vec<String>,
    /// Share the topics with other processes that name the same queue, instead of each getting every message
    #[arg(long, value_name = "NAME")]
    queue: Option<String>,
    /// Messages of one topic, and requests to one address, that are handled at once
    #[arg(long, value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    concurrency: u32,
    /// Publish a message once all topics are subscribed
    #[arg(long, value_name = "TOPIC=DATA", value_parser = pair)]
    deliver: Vec<(String, String)>,
    /// Metadata of the messages that `--deliver` and `--stdin` publish
    #[arg(long, value_name = "KEY=VALUE", value_parser = pair)]
    metadata: Vec<(String, String)>,
    /// Publish each line of standard input, TOPIC=DATA
    #[arg(long)]
    stdin: bool,
    /// An environment variable of all components; nothing else is in their environment
    #[arg(long = "env", value_name = "KEY=VALUE", value_parser = pair)]
    environment: Vec<(String, String)>,
    /// A value that `wasi:config/store` has for all components
    #[arg(long, value_name = "KEY=VALUE", value_parser = pair)]
    config: Vec<(String, String)>,
    /// An argument for components that export `wasi:cli/run`
    #[arg(long = "arg", value_name = "ARG", allow_hyphen_values = true)]
    arguments: Vec<String>,
    /// End when nothing has happened for this long (default: 200 on the in-memory broker, never on a real one
    /// or with `--http`)
    #[arg(long, value_name = "MS")]
    idle_ms: Option<u64>,
    /// Print nothing but errors
    #[arg(long)]
    quiet: bool,
}

#[derive(Debug, Clone)]
struct AppArgument {
    path: PathBuf,
    topics: Vec<String>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Store {
    /// In this process
    #[default]
    Memory,
    /// NATS JetStream
    Nats,
}

#[allow(clippy::unnecessary_wraps, reason = "the shape that clap wants")]
fn app(argument: &str) -> Result<AppArgument, String> {
    let (path, topics) = argument.split_once('=').unwrap_or((argument, ""));
    let topics = topics.split(',').filter(|topic| !topic.is_empty()).map(str::to_owned).collect();
    Ok(AppArgument { path: path.into(), topics })
}

fn instances(argument: &str) -> Result<Instances, String> {
    let number = match argument.split_once(':') {
        None if argument == "fresh" => return Ok(Instances::Fresh),
        None if argument == "shared" => Some(1),
        Some(("shared", number)) => number.parse().ok().filter(|number| (1..=1000).contains(number)),
        _ => None,
    };
    let number = number.and_then(NonZeroUsize::new);
    number.map(Instances::Shared).ok_or("it is `fresh`, `shared`, or `shared:N` with N from 1 to 1000".into())
}

fn pair(argument: &str) -> Result<(String, String), String> {
    let (key, value) = argument.split_once('=').ok_or("a `=` is missing")?;
    Ok((key.to_owned(), value.to_owned()))
}

fn address(argument: &str) -> Result<SocketAddr, String> {
    if let Ok(port) = argument.parse() {
        return Ok((Ipv4Addr::LOCALHOST, port).into());
    }
    let mut addresses = argument.to_socket_addrs().map_err(|error| error.to_string())?;
    addresses.next().ok_or_else(|| "the host has no address".into())
}

impl Cli {
    /// Runs until done.
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
        let tally = Arc::new(Tally::default());
        tokio::spawn(print(events, Arc::clone(&tally), self.quiet));
        let mut running = Vec::new();
        for (app, given) in apps.iter().zip(&self.apps) {
            running.push(app.start(&self.subscriptions(given)).await?);
        }
        for (app, address) in self.servers(&apps)?.into_iter().zip(&self.http) {
            let serving = app.serve_http(*address, self.concurrency).await?;
            self.note(&format!("serving `{}` on http://{}", app.name(), serving.address));
            running.push(serving.running);
        }
        self.note("ready");
        tokio::select! {
            worked = self.work(&services, &apps, &running, &tally) => worked?,
            interrupted = tokio::signal::ctrl_c() => {
                interrupted?;
                self.note("stopping");
            }
        }
        let dropped = dropped(&running).await;
        let mut unfinished = 0;
        for app in running {
            unfinished += app.stop(GRACE).await;
        }
        services.broker.flush().await.map_err(|error| anyhow!("the broker did not take everything: {error}"))?;
        if unfinished > 0 {
            bail!("{unfinished} messages and requests were not finished after {GRACE:?}");
        }
        // The events of what was finished are on their way.
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

    /// Looks for options about messages that no message would come under.
    fn check_topics(&self) -> Result<()> {
        let topics = || self.apps.iter().flat_map(|app| &app.topics);
        if let Some(inbox) = self.inboxes.iter().find(|inbox| !topics().any(|topic| topic == *inbox)) {
            bail!("`--inbox {inbox}` is no component's topic: give it to one, COMPONENT={inbox}");
        }
        if self.instance != Instances::Fresh && topics().next().is_none() {
            bail!("`--instance` is about messages, and no component has a topic: give it one, COMPONENT=TOPIC");
        }
        Ok(())
    }

    fn subscriptions(&self, app: &AppArgument) -> Subscriptions {
        let (inboxes, topics) = app.topics.iter().cloned().partition(|topic| self.inboxes.contains(topic));
        let (queue, concurrency, instances) = (self.queue.clone(), self.concurrency, self.instance);
        Subscriptions { topics, inboxes, queue, concurrency, instances }
    }

    /// Reads and compiles a component. A large one takes a while, so something moves meanwhile, if anybody sees it.
    fn load(&self, runtime: &Runtime, services: &Arc<Services>, app: &AppArgument) -> Result<App> {
        let path = app.path.display();
        let bytes = std::fs::read(&app.path).with_context(|| format!("failed to read `{path}`"))?;
        let name = app.path.file_stem().unwrap_or(app.path.as_os_str()).to_string_lossy();
        let name = name.strip_suffix(".composed").unwrap_or(&name);
        let spinner = if self.quiet { ProgressBar::hidden() } else { ProgressBar::new_spinner() };
        spinner.set_message(format!("compiling {path}"));
        spinner.enable_steady_tick(Duration::from_millis(100));
        let loaded = App::new(runtime, services, name, &bytes, &self.arguments);
        spinner.finish_and_clear();
        loaded
    }

    /// The components that are served over HTTP, one for each address.
    fn servers<'a>(&self, apps: &'a [App]) -> Result<Vec<&'a App>> {
        let servers: Vec<&App> = apps.iter().filter(|app| app.is_server()).collect();
        match (self.http.len(), servers.len()) {
            (0, _) => self.check_called(apps),
            (times, components) if times == components => Ok(()),
            (times, components) => bail!(
                "`--http` is given {times} time{}, but {components} component{} `wasi:http/incoming-handler`; give it \
                 once for each, in their order",
                if times == 1 { "" } else { "s" },
                if components == 1 { " exports" } else { "s export" },
            ),
        }?;
        Ok(servers)
    }

    /// Looks for a component that waits for requests and nothing else.
    fn check_called(&self, apps: &[App]) -> Result<()> {
        let mut apps = apps.iter().zip(&self.apps);
        match apps.find(|(app, given)| app.is_server() && !app.is_command() && given.topics.is_empty()) {
            Some((app, _)) => {
                bail!("`{}` exports `wasi:http/incoming-handler`, and nothing calls it: give `--http PORT`", app.name())
            }
            None => Ok(()),
        }
    }

    /// Runs programs, publishes what is to be published, and returns when there is nothing left to do. On a broker that
    /// others use too, and when there are clients, that is never, unless a time is set.
    async fn work(&self, services: &Services, apps: &[App], running: &[Running], tally: &Tally) -> Result<()> {
        for (topic, data) in &self.deliver {
            self.publish(services, topic, data).await?;
        }
        let programs = apps.iter().zip(running).filter(|(app, _)| app.is_command());
        let programs = programs.map(async |(app, running)| app.run(running.pool().as_deref()).await);
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

/// How many replies the shared instances have dropped, by reason.
async fn dropped(running: &[Running]) -> BTreeMap<String, u64> {
    let mut dropped = BTreeMap::new();
    for pool in running.iter().filter_map(Running::pool) {
        // One that hangs has nothing to say.
        let counts = tokio::time::timeout(GRACE, pool.dropped()).await.unwrap_or_default();
        for (reason, count) in counts {
            *dropped.entry(reason).or_default() += count;
        }
    }
    dropped
}

/// How long messages and requests in hand may take when the host ends.
const GRACE: Duration = Duration::from_secs(5);
