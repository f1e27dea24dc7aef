//! The composed components, compiled once.

use crate::faults::Mailbox;
use anyhow::{Context, Result};
use msgcompose::{Composition, ConfigFrom, adapters, types::Dialect};
use msgcompose_host::{App, Broker, KeyValue, Options, Runtime, Services, broker, keyvalue};
use std::{
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};
use tokio::sync::mpsc;

const ADAPTER: &str = "reqreply-over-pubsub";

/// The composed components.
pub struct Parts {
    requesters: Vec<(Mailbox, App)>,
    responder: App,
    /// Those of the release before, for mailboxes in a bucket.
    before: Vec<(Mailbox, App)>,
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
        let requester = |mailbox: Mailbox| Ok((mailbox, load("requester", &requester(mailbox)?)?));
        let before = |mailbox: Mailbox| Ok((mailbox, load("requester", &previous(&format!("requester-{mailbox}"))?)?));
        Ok(Self {
            requesters: Mailbox::ALL.into_iter().map(requester).collect::<Result<_>>()?,
            responder: load("responder", &responder()?)?,
            before: [Mailbox::Draft, Mailbox::Draft2].into_iter().map(before).collect::<Result<_>>()?,
            responder_before: load("responder", &previous("responder")?)?,
        })
    }

    /// Returns a component: the requester for a mailbox or the responder, of today or of the release before.
    pub(crate) fn app(&self, mailbox: Mailbox, before: bool, responder: bool) -> &App {
        let requesters = if before { &self.before } else { &self.requesters };
        match requesters.iter().find(|(of, _)| *of == mailbox) {
            Some((_, requester)) if !responder => requester,
            _ if before => &self.responder_before,
            _ => &self.responder,
        }
    }
}

/// Writes the components of today to `previous`, to be those of the release before.
pub fn keep() -> Result<()> {
    let keep = |name: &str, bytes: Vec<u8>| {
        let path = previous_path(name);
        std::fs::write(&path, bytes).with_context(|| format!("failed to write `{}`", path.display()))
    };
    for mailbox in [Mailbox::Draft, Mailbox::Draft2] {
        keep(&format!("requester-{mailbox}"), requester(mailbox)?)?;
    }
    keep("responder", responder()?)
}

fn requester(mailbox: Mailbox) -> Result<Vec<u8>> {
    let composition = composition("probe")?;
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
