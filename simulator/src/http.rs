//! Exchanges with hostile HTTP peers, over streams in memory and in virtual time.
//!
//! The component is a guest with `messaging-over-http`, on one [version](Version) of HTTP. Half of the exchanges have a
//! hostile client, which sends it messages; the others a hostile server, which the guest sends messages to. A peer resets,
//! trickles, lies about lengths and splits what it sends at seeded bytes. The rules:
//!
//! - An exchange ends in an outcome that `docs/messaging-over-http.md` allows for what the peer did, and in time.
//! - No part of a body is taken for the whole.
//! - The component never traps, and reads no more of an endless body than its limit and what buffers hold.
//! - The next exchange, on a fresh connection, is fine.

mod client;
mod network;
mod peer;
mod server;
mod wire;
mod world;

use crate::dice::Dice;
use anyhow::{Context, Result};
use msgcompose::{Composition, adapters};
use msgcompose_host::{
    App, Broker, Clock, Event, KeyValue, Options, Outcome, Random, Runtime, Services, Time, broker, keyvalue,
};
use network::{Network, Servers};
use peer::LIMIT;
use std::{
    fmt::Write,
    sync::{Arc, OnceLock},
    time::Duration,
};
use tokio::{
    sync::mpsc,
    time::{Instant, sleep},
};
use world::{Exchange, TIMEOUT, World};

/// What the component exports and imports for HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// `wasi:http@0.2`.
    Sync,
    /// `wasi:http@0.3`. The guest is lifted. Each request gets a fresh instance.
    Async,
}

impl Version {
    /// All versions.
    pub const ALL: [Self; 2] = [Self::Sync, Self::Async];

    /// Returns the value of the adapter's option `http`.
    fn option(self) -> &'static str {
        match self {
            Self::Sync => "0.2.0",
            Self::Async => "0.3.0",
        }
    }
}

/// What happened in a world, and what should not have.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// A line for each exchange.
    pub history: String,
    /// The rules that were broken.
    pub violations: Vec<String>,
}

/// The clocks of the host, in virtual time.
#[derive(Debug)]
struct Virtual(Instant);

impl Time for Virtual {
    fn monotonic(&self) -> Duration {
        self.0.elapsed()
    }

    fn wall(&self) -> Duration {
        Duration::from_hours(500_000) + self.0.elapsed()
    }
}

/// Runs so many exchanges on a version of HTTP, drawn by a seed.
pub fn run(version: Version, seed: u64, exchanges: usize) -> Result<Report> {
    let app = app(version)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build()?;
    runtime.block_on(async {
        let (watcher, events) = mpsc::unbounded_channel();
        let servers = Arc::new(Servers::default());
        let services = Services {
            clock: Clock::simulated(Arc::new(Virtual(Instant::now()))),
            random: Random::seeded(seed),
            connect: Some(Arc::new(Network(Arc::clone(&servers)))),
            ..services(watcher)
        };
        let mut world = World { dice: Dice::new(seed), app: app.on(&Arc::new(services)), servers, events };
        let mut report = Report::default();
        for number in 0..exchanges {
            world.live(number, &mut report).await;
        }
        Ok(report)
    })
}

/// Returns the component, which is compiled once for each version.
fn app(version: Version) -> Result<&'static App> {
    static COMPOSED: [OnceLock<Result<App>>; 2] = [OnceLock::new(), OnceLock::new()];
    let compose = || {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/prebuilt/courier.wasm");
        let guest = std::fs::read(path).with_context(|| format!("failed to read `{path}`"))?;
        let composition = Composition::new("courier.wasm", guest)
            .adapter(adapters::get("messaging-over-http").context("the adapter is missing")?)
            .set("http", version.option())
            .set("base-url", "http://server")
            .set("max-body-bytes", LIMIT.to_string())
            .set("default-timeout-ms", TIMEOUT.as_millis().to_string());
        let runtime = Runtime::new(Options::default()).map_err(anyhow::Error::from)?;
        let services = Arc::new(services(mpsc::unbounded_channel().0));
        App::new(&runtime, &services, "courier", &composition.compose()?.component.to_bytes(), &[])
    };
    match COMPOSED[version as usize].get_or_init(compose) {
        Ok(app) => Ok(app),
        Err(error) => anyhow::bail!("{error:#}"),
    }
}

fn services(watcher: msgcompose_host::events::Watcher) -> Services {
    let store = KeyValue::Memory(keyvalue::Memory::new(["default"]));
    Services::new(Broker::Memory(broker::Memory::new()), store, watcher)
}

impl World {
    async fn live(&mut self, number: usize, report: &mut Report) {
        let start = Instant::now();
        let is_client = self.dice.chance(500_000);
        let exchange = if is_client { client::exchange(self).await } else { server::exchange(self).await };
        let took = start.elapsed();
        // Whatever is left of it ends meanwhile.
        sleep(Duration::from_mins(1)).await;
        let Exchange { fault, outcome, broken } = exchange;
        let side = if is_client { "client" } else { "server" };
        let line = format!("{number} {side} {fault}: {outcome} after {} ms", took.as_millis());
        let mut break_rule = |what: String| report.violations.push(format!("{line}: {what}"));
        broken.into_iter().for_each(&mut break_rule);
        while let Ok(event) = self.events.try_recv() {
            if let Event::Answered { outcome: Outcome::Trapped(trap), .. } = event {
                break_rule(format!("it trapped: {trap}"));
            }
        }
        self.servers.strays().into_iter().for_each(&mut break_rule);
        if let Err(what) = client::fine(self).await {
            break_rule(format!("the next exchange fails: {what}"));
        }
        while self.events.try_recv().is_ok() {}
        let _ = writeln!(report.history, "{line}");
    }
}
