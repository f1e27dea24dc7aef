//! The command line and its options.

mod run;
mod tally;

use anyhow::{Result, bail};
use clap::{Parser, ValueEnum};
use msgcompose_host::{App, Instances, Subscriptions};
use std::{
    net::{Ipv4Addr, SocketAddr, ToSocketAddrs},
    num::NonZeroUsize,
    path::PathBuf,
};

/// A development host for messaging components
///
/// It offers `wasi:messaging` without request/reply, delivery of subscribed topics, `wasi:http` in both directions, a
/// shared `wasi:keyvalue`, and `wasi:config`. Every message and every request gets a fresh instance; with `--instance`,
/// they can share instances. It serves HTTP/1.1 without TLS; components can send requests over `http` and `https`.
/// It is meant for trying components out, not for production.
#[derive(Debug, Parser)]
#[command(
    version,
    after_help = "\
Examples:
  # two components and an in-memory broker; the first message comes from the command line
  msgcompose-host desk.wasm=quotes,quotes.replies pricer.wasm=prices --deliver quotes=ACME --metadata reply-to=answers

  # one component on a real broker, until ctrl-c
  msgcompose-host desk.wasm=quotes,quotes.replies --broker nats://localhost:4222 --keyvalue nats

  # one shared instance that handles many messages at once and gets the replies to its own requests
  msgcompose-host desk.wasm=quotes,desk.inbox.* --instance shared --inbox desk.inbox.* --broker nats://localhost:4222

  # two components that handle HTTP requests, on port 8080 and on any free port
  msgcompose-host desk.wasm pricer.wasm --http 8080 --http 0 --config greeting=hello

Exit status:
  0  done, or stopped by ctrl-c
  1  a component could not be loaded, failed, or did not finish in time"
)]
pub struct Cli {
    /// A component and the topics for its handler, as NATS subjects with `*` and `>`. A handler that has `configure`
    /// also gets the topics that it names there. As `msgcompose` does, the host also takes a component as text, and a
    /// core module with its component type
    #[arg(value_name = "COMPONENT[=TOPIC,…]", required = true, value_parser = app)]
    apps: Vec<AppArgument>,
    /// The broker: `memory`, or the address of a NATS server
    #[arg(long, value_name = "memory|nats://HOST:PORT", default_value = "memory")]
    broker: String,
    /// The key-value store; `nats` uses JetStream on the server of `--broker`
    #[arg(long, value_enum, default_value_t)]
    keyvalue: Store,
    /// A bucket of the key-value store; created if it does not exist
    #[arg(long = "bucket", value_name = "NAME", default_value = "default")]
    buckets: Vec<String>,
    /// Serve HTTP here. Give it once for each component that exports `wasi:http/incoming-handler@0.2` or
    /// `wasi:http/handler@0.3`, in the order of the components; of both, 0.3 is called. HOST is 127.0.0.1 by default, and
    /// port 0 picks any free port
    #[arg(long, value_name = "[HOST:]PORT", value_parser = address)]
    http: Vec<SocketAddr>,
    /// The instances that handle messages and requests: a fresh one for each, or N shared ones (1 by default) that live as
    /// long as the host. A shared instance handles many messages at once if `handle` is an `async func`. If `handle` is
    /// sync, it handles one at a time, so it cannot wait for replies. A trap ends all calls of its instance, and a
    /// fresh one takes over. Requests to `wasi:http/handler@0.3` go to the same instances, many at once. The first shared
    /// instance also runs the program if `run` is an `async func`. Other programs and requests to
    /// `wasi:http/incoming-handler@0.2` get a fresh instance
    #[arg(long, value_name = "fresh|shared|shared:N", default_value = "fresh", value_parser = instances)]
    instance: Instances,
    /// A topic for replies, one of those above: every shared instance of every process gets each message, even with
    /// `--queue`
    #[arg(long = "inbox", value_name = "TOPIC")]
    inboxes: Vec<String>,
    /// Share messages with other processes that use the same queue; by default each process gets every message
    #[arg(long, value_name = "NAME")]
    queue: Option<String>,
    /// How many messages of one topic, and requests to one address, are handled at once
    #[arg(long, value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    concurrency: u32,
    /// Publish a message once all topics are subscribed
    #[arg(long, value_name = "TOPIC=DATA", value_parser = pair)]
    deliver: Vec<(String, String)>,
    /// Metadata of the messages that `--deliver` and `--stdin` publish
    #[arg(long, value_name = "KEY=VALUE", value_parser = pair)]
    metadata: Vec<(String, String)>,
    /// Publish each line of standard input, in the form TOPIC=DATA
    #[arg(long)]
    stdin: bool,
    /// An environment variable for all components; they see no others
    #[arg(long = "env", value_name = "KEY=VALUE", value_parser = pair)]
    environment: Vec<(String, String)>,
    /// A value of `wasi:config/store` for all components
    #[arg(long, value_name = "KEY=VALUE", value_parser = pair)]
    config: Vec<(String, String)>,
    /// An argument for components that export `wasi:cli/run`
    #[arg(long = "arg", value_name = "ARG", allow_hyphen_values = true)]
    arguments: Vec<String>,
    /// End when nothing has happened for this many milliseconds; by default 200, but never with NATS or `--http`
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
    /// In the memory of this process
    #[default]
    Memory,
    /// NATS JetStream
    Nats,
}

impl Cli {
    /// Fails if an inbox is no topic of a component.
    fn check_topics(&self) -> Result<()> {
        let topics = || self.apps.iter().flat_map(|app| &app.topics);
        if let Some(inbox) = self.inboxes.iter().find(|inbox| !topics().any(|topic| topic == *inbox)) {
            bail!("`--inbox {inbox}` is no component's topic: give it to one, COMPONENT={inbox}");
        }
        Ok(())
    }

    /// Fails if `--instance` can have no effect: nothing could share instances.
    fn check_instances(&self, apps: &[App]) -> Result<()> {
        let has_topics = self.apps.iter().any(|app| !app.topics.is_empty());
        let has_requests = !self.http.is_empty() && apps.iter().any(App::shares_requests);
        if self.instance != Instances::Fresh && !has_topics && !has_requests {
            bail!(
                "`--instance` is about messages and about requests to `wasi:http/handler@0.3`, and no component gets any: \
                 give it a topic, COMPONENT=TOPIC"
            );
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
