//! The command line: its options, and what they may be.

mod run;
mod tally;

use anyhow::{Result, bail};
use clap::{Parser, ValueEnum};
use msgcompose_host::{Instances, Subscriptions};
use std::{
    net::{Ipv4Addr, SocketAddr, ToSocketAddrs},
    num::NonZeroUsize,
    path::PathBuf,
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

impl Cli {
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
