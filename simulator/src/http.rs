//! Exchanges with hostile HTTP peers, over streams in memory and in virtual time.
//!
//! The component is a guest with `messaging-over-http`. Half of the exchanges have a hostile client, which sends it
//! messages; the others a hostile server, which the guest sends messages to. A peer resets, trickles, lies about lengths
//! and splits what it sends at seeded bytes. The rules:
//!
//! - An exchange ends in an outcome that `docs/messaging-over-http.md` allows for what the peer did, and in time.
//! - No part of a body is taken for the whole.
//! - The component never traps, and reads no more of an endless body than its limit and what buffers hold.
//! - The next exchange, on a fresh connection, is fine.

mod client;
mod peer;
mod server;
mod wire;

use crate::dice::Dice;
use anyhow::{Context, Result};
use msgcompose::{Composition, adapters};
use msgcompose_host::{App, Broker, Clock, Event, KeyValue, Options, Outcome, Random, Runtime, Services, Time};
use msgcompose_host::{broker, keyvalue};
use server::{Network, Servers};
use std::{
    fmt::Write,
    sync::{Arc, OnceLock},
    time::Duration,
};
use tokio::{
    io::DuplexStream,
    sync::mpsc,
    time::{Instant, sleep, timeout},
};

/// The option `default-timeout-ms`.
const TIMEOUT: Duration = Duration::from_millis(1500);

/// The option `max-body-bytes`.
const LIMIT: usize = 1 << 16;

/// What all buffers between a peer and the component may hold, in bytes.
const BUFFERS: usize = 1 << 19;

/// Longer than any exchange takes that is in time: reading and writing have a deadline each.
const IN_TIME: Duration = Duration::from_millis(3_200);

/// What happened in a world, and what should not have.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// A line for each exchange.
    pub history: String,
    /// The rules that were broken.
    pub violations: Vec<String>,
}

/// A world of one seed.
struct World {
    dice: Dice,
    app: App,
    servers: Arc<Servers>,
    events: mpsc::UnboundedReceiver<Event>,
}

/// How an exchange went: what the peer did, what came of it, and what is wrong with that.
struct Exchange {
    fault: String,
    outcome: String,
    broken: Option<String>,
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

/// Runs so many exchanges, drawn by a seed.
pub fn run(seed: u64, exchanges: usize) -> Result<Report> {
    let app = app()?;
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

/// Returns the component, which is compiled once.
fn app() -> Result<&'static App> {
    static COMPOSED: OnceLock<Result<App>> = OnceLock::new();
    let compose = || {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/prebuilt/courier.wasm");
        let guest = std::fs::read(path).with_context(|| format!("failed to read `{path}`"))?;
        let composition = Composition::new("courier.wasm", guest)
            .adapter(adapters::get("messaging-over-http").context("the adapter is missing")?)
            .set("base-url", "http://server")
            .set("max-body-bytes", LIMIT.to_string())
            .set("default-timeout-ms", TIMEOUT.as_millis().to_string());
        let runtime = Runtime::new(Options::default()).map_err(anyhow::Error::from)?;
        let services = Arc::new(services(mpsc::unbounded_channel().0));
        App::new(&runtime, &services, "courier", &composition.compose()?.component.to_bytes(), &[])
    };
    match COMPOSED.get_or_init(compose) {
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

    /// Opens a connection to the component. Its buffers have a seeded size.
    fn open(&mut self) -> DuplexStream {
        let size = self.dice.pick(&[64, 1_000, 4_096, 65_536]);
        let (ours, theirs) = tokio::io::duplex(size);
        let app = self.app.clone();
        tokio::spawn(async move { app.serve_connection(theirs).await });
        ours
    }

    /// Draws a body. No two are alike.
    fn body(&mut self, largest: u64) -> Vec<u8> {
        let length = match self.dice.index(4) {
            0 => self.dice.between(0, 3),
            1 => self.dice.between(0, largest),
            _ => self.dice.between(4, 600.min(largest)),
        };
        let letters = b"abcdefghijklmnopqrstuvwxyz0123456789";
        (0..length).map(|_| letters[self.dice.index(letters.len())]).collect()
    }
}

/// Waits for something as long as nobody should wait.
async fn patiently<T>(what: impl Future<Output = T>) -> Option<T> {
    timeout(Duration::from_hours(1), what).await.ok()
}
