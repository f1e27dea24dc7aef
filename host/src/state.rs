//! What one instance has of the host.

use crate::{broker::Broker, clock::Clock, events::Watcher, keyvalue::KeyValue};
use std::sync::Arc;
use wasmtime::component::{HasData, ResourceTable};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};

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
}

/// The data of one store.
pub struct State {
    pub app: Arc<str>,
    pub services: Arc<Services>,
    pub table: ResourceTable,
    pub wasi: WasiCtx,
}

impl HasData for State {
    type Data<'a> = &'a mut State;
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}
