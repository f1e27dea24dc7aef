//! The engine and the host functions.

use crate::{
    bindings::{config, draft, draft2},
    messaging,
    state::State,
};
use wasmtime::{
    Config, Engine, Result,
    component::{Component, InstancePre, Linker},
    error::Context,
};

/// Options of the engine.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Whether the engine supports the component model's async. It makes no difference to a sync component.
    pub concurrency_support: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { concurrency_support: true }
    }
}

/// An engine with all host functions. Functions that differ between dialects are linked for each component.
pub struct Runtime {
    engine: Engine,
    linker: Linker<State>,
}

impl Runtime {
    /// Sets up the engine.
    pub fn new(options: Options) -> Result<Self> {
        let mut config = Config::new();
        config.concurrency_support(options.concurrency_support);
        let engine = Engine::new(&config)?;
        let mut linker = Linker::new(&engine);
        wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
        wasmtime_wasi_http::p2::add_only_http_to_linker_async(&mut linker)?;
        if options.concurrency_support {
            wasmtime_wasi::p3::add_to_linker(&mut linker)?;
            wasmtime_wasi_http::p3::add_to_linker(&mut linker)?;
        }
        draft::Keyvalue::add_to_linker::<_, State>(&mut linker, |state| state)?;
        draft2::Keyvalue::add_to_linker::<_, State>(&mut linker, |state| state)?;
        config::Config::add_to_linker::<_, State>(&mut linker, |state| state)?;
        Ok(Self { engine, linker })
    }

    /// Compiles a component and checks that this host has all its imports. This is slow for a large component.
    pub fn compile(&self, bytes: &[u8]) -> Result<InstancePre<State>> {
        let component = Component::new(&self.engine, bytes).context("the component cannot be compiled")?;
        let mut linker = self.linker.clone();
        messaging::add_to_linker(&mut linker, &component)?;
        linker.instantiate_pre(&component).context(
            "the component imports what this host does not have (a guest that imports `wasi:messaging/request-reply` needs \
             `msgcompose plug … --adapter reqreply-over-pubsub`)",
        )
    }
}
