//! What one instance has of the host.

use crate::{broker::Broker, clock::Clock, events::Watcher, keyvalue::KeyValue};
use std::{collections::BTreeMap, sync::Arc};
use wasmtime::component::{HasData, ResourceTable};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::WasiHttpCtx;

/// What all instances share.
#[derive(Debug)]
pub struct Services {
    /// Carries messages.
    pub broker: Broker,
    /// Stores keys.
    pub keyvalue: KeyValue,
    /// Is told what happens.
    pub watcher: Watcher,
    /// Tells the time.
    pub clock: Clock,
    /// What `wasi:cli/environment` has.
    pub environment: BTreeMap<String, String>,
    /// What `wasi:config/store` has.
    pub config: BTreeMap<String, String>,
}

impl Services {
    /// These, the machine's time, an empty environment and no configuration.
    #[must_use]
    pub fn new(broker: Broker, keyvalue: KeyValue, watcher: Watcher) -> Self {
        let (clock, environment, config) = Default::default();
        Self { broker, keyvalue, watcher, clock, environment, config }
    }
}

/// The data of one store.
pub struct State {
    pub app: Arc<str>,
    pub services: Arc<Services>,
    pub table: ResourceTable,
    pub wasi: WasiCtx,
    pub http: WasiHttpCtx,
}

impl HasData for State {
    type Data<'a> = &'a mut State;
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

/// A trap in one line, without the backtrace's first.
pub fn text(trap: &wasmtime::Error) -> String {
    let causes: Vec<String> = trap.chain().map(ToString::to_string).collect();
    causes.join(": ")
}
