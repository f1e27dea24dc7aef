//! The composed components, compiled once.

use crate::faults::{Guest, Mailbox, Plan};
use anyhow::{Context, Result};
use msgcompose::{Composition, ConfigFrom, adapters, types::Dialect};
use msgcompose_host::{App, Broker, KeyValue, Options, Runtime, Services, broker, keyvalue};
use std::{
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};
use tokio::sync::mpsc;

const ADAPTER: &str = "reqreply-over-pubsub";

type Requesters = Vec<((Mailbox, Guest), App)>;

/// The composed components.
pub struct Parts {
    requesters: Requesters,
    responder: App,
    /// Those of the release before, for mailboxes in a bucket.
    before: Requesters,
    responder_before: App,
}

impl Parts {
    /// Composes and compiles the components, or returns those of the call before.
    pub fn get() -> Result<&'static Self> {
        static PARTS: OnceLock<Result<Parts>> = OnceLock::new();
        match PARTS.get_or_init(Self::new) {
            Ok(parts) => Ok(parts),
            Err(error) => anyhow::bail!("{error:#}"),
        }
    }

    fn new() -> Result<Self> {
        let runtime = Runtime::new(Options::default()).map_err(anyhow::Error::from)?;
        let (watcher, _) = mpsc::unbounded_channel();
        let store = KeyValue::Memory(keyvalue::Memory::new(["default"]));
        let services = Arc::new(Services::new(Broker::Memory(broker::Memory::new()), store, watcher));
        let load = |name: &str, bytes: &[u8]| App::new(&runtime, &services, name, bytes, &[]);
        let today = |(mailbox, guest)| Ok(((mailbox, guest), load("requester", &requester(mailbox, guest)?)?));
        let before = |mailbox: Mailbox| {
            let requester = load("requester", &previous(&format!("requester-{mailbox}"))?)?;
            Ok(((mailbox, Guest::Sync), requester))
        };
        let sync = Mailbox::ALL.into_iter().map(|mailbox| (mailbox, Guest::Sync));
        let crowds = [Mailbox::Mixed, Mailbox::Async].map(|mailbox| (mailbox, Guest::Async));
        Ok(Self {
            requesters: sync.chain(crowds).map(today).collect::<Result<_>>()?,
            responder: load("responder", &responder()?)?,
            before: [Mailbox::Draft, Mailbox::Draft2].into_iter().map(before).collect::<Result<_>>()?,
            responder_before: load("responder", &previous("responder")?)?,
        })
    }

    /// Returns the requester of a world, of today or of the release before.
    pub(crate) fn requester(&self, plan: &Plan, before: bool) -> &App {
        let requesters = if before { &self.before } else { &self.requesters };
        let requester = requesters.iter().find(|(of, _)| *of == (plan.mailbox, plan.guest));
        &requester.expect("each world has a requester").1
    }

    /// Returns the responder, of today or of the release before.
    pub(crate) fn responder(&self, before: bool) -> &App {
        if before { &self.responder_before } else { &self.responder }
    }
}

/// Writes the components of today to `previous`, to be those of the release before.
pub fn keep() -> Result<()> {
    let keep = |name: &str, bytes: Vec<u8>| {
        let path = previous_path(name);
        std::fs::write(&path, bytes).with_context(|| format!("failed to write `{}`", path.display()))
    };
    for mailbox in [Mailbox::Draft, Mailbox::Draft2] {
        keep(&format!("requester-{mailbox}"), requester(mailbox, Guest::Sync)?)?;
    }
    keep("responder", responder()?)
}

fn requester(mailbox: Mailbox, guest: Guest) -> Result<Vec<u8>> {
    let composition = composition(match (guest, mailbox) {
        (Guest::Sync, _) => "probe",
        (Guest::Async, Mailbox::Async) => "swarm-async",
        (Guest::Async, _) => "swarm",
    })?;
    let composition = match mailbox {
        Mailbox::Draft => composition.set("keyvalue", "0.2.0-draft"),
        Mailbox::Draft2 => composition.set("keyvalue", "0.2.0-draft2"),
        Mailbox::Mixed => composition.set("mailbox", "memory").with(|all| all.dialect = Some(Dialect::Mixed)),
        Mailbox::Async => composition.set("mailbox", "memory").with(|all| all.dialect = Some(Dialect::Async)),
    };
    composed(composition.set("reply-topic", "replies"))
}

fn responder() -> Result<Vec<u8>> {
    composed(composition("echo")?)
}

fn composition(guest: &str) -> Result<Composition> {
    let path = root().join(format!("fixtures/prebuilt/{guest}.wasm"));
    let bytes = std::fs::read(&path).with_context(|| format!("failed to read `{}`", path.display()))?;
    let adapter = adapters::get(ADAPTER).context("the flagship adapter is missing")?;
    Ok(Composition::new(guest, bytes).adapter(adapter).with(|all| all.config_from = ConfigFrom::Env))
}

fn composed(composition: Composition) -> Result<Vec<u8>> {
    Ok(composition.compose()?.component.to_bytes())
}

fn previous(name: &str) -> Result<Vec<u8>> {
    let path = previous_path(name);
    std::fs::read(&path).with_context(|| format!("failed to read `{}`", path.display()))
}

fn previous_path(name: &str) -> PathBuf {
    root().join(format!("simulator/previous/{name}.wasm"))
}

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}
