//! The host's state for one instance.

use crate::{
    broker::Broker,
    clock::Clock,
    events::Watcher,
    keyvalue::KeyValue,
    outgoing::{Connect, Outgoing},
    random::Random,
};
use std::{collections::BTreeMap, sync::Arc};
use wasmtime::component::{HasData, ResourceTable};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::WasiHttpCtx;

/// The services that all instances share.
#[derive(Debug)]
pub struct Services {
    /// Delivers messages.
    pub broker: Broker,
    /// Stores keys and values.
    pub keyvalue: KeyValue,
    /// Receives all events.
    pub watcher: Watcher,
    /// The clock that components see.
    pub clock: Clock,
    /// The random numbers that components see.
    pub random: Random,
    /// Makes the streams for HTTP requests; `None` for the network.
    pub connect: Option<Arc<dyn Connect>>,
    /// The environment variables of `wasi:cli/environment`.
    pub environment: BTreeMap<String, String>,
    /// The values of `wasi:config/store`.
    pub config: BTreeMap<String, String>,
}

impl Services {
    /// Makes services with the machine's clock, random numbers and network, an empty environment and no configuration.
    #[must_use]
    pub fn new(broker: Broker, keyvalue: KeyValue, watcher: Watcher) -> Self {
        let (clock, random, connect, environment, config) = Default::default();
        Self { broker, keyvalue, watcher, clock, random, connect, environment, config }
    }
}

/// The data of one wasmtime store.
pub struct State {
    pub app: Arc<str>,
    pub services: Arc<Services>,
    pub table: ResourceTable,
    pub wasi: WasiCtx,
    pub http: WasiHttpCtx,
    pub outgoing: Outgoing,
}

impl HasData for State {
    type Data<'a> = &'a mut State;
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

/// Returns a trap and its causes as text, joined by colons.
pub fn text(trap: &wasmtime::Error) -> String {
    let causes: Vec<String> = trap.chain().map(ToString::to_string).collect();
    causes.join(": ")
}
