//! Linked guests on a real engine. The application is `asker`, which does what a test says.

mod chain;
mod hosts;
mod outside;
mod patterns;
mod replies;
mod sending;

use crate::support::fixture;
use msgcompose::{Composition, Validation};
use std::{env, fs, path::Path, sync::OnceLock};
use wasmtime::{
    Config, Engine, Store,
    component::{Component, ComponentNamedList, ComponentType, Instance, Lift, Linker, Lower, TypedFunc},
};

/// A message, by what travels in it.
#[derive(Debug, Clone, PartialEq, Eq, Default, ComponentType, Lift, Lower)]
#[component(record)]
pub struct Said {
    #[component(name = "content-type")]
    pub content_type: Option<String>,
    pub metadata: Vec<(String, String)>,
    pub data: Vec<u8>,
}

impl From<&str> for Said {
    fn from(text: &str) -> Self {
        Self { data: text.into(), ..Self::default() }
    }
}

impl Said {
    pub fn with(mut self, key: &str, value: &str) -> Self {
        self.metadata.push((key.into(), value.into()));
        self
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.data).unwrap()
    }

    pub fn get(&self, key: &str) -> Option<&str> {
        self.metadata.iter().find(|(name, _)| name == key).map(|(_, value)| &**value)
    }
}

/// The committed guest `asker` with handlers, each given by patterns and a fixture.
pub fn link(handlers: &[(&str, &str)]) -> Composition {
    let link = Composition::new("asker.wasm", fixture("asker")).with(|all| all.validate = Validation::Full);
    handlers.iter().fold(link, |link, (patterns, handler)| {
        link.handler(patterns.split(','), format!("{handler}.wasm"), guest(handler))
    })
}

/// A guest, committed or from the cache.
pub fn guest(name: &str) -> Vec<u8> {
    if name.ends_with("-js") {
        let folder = env::var("MSGCOMPOSE_GUESTS").expect("`cargo xtask test` sets `MSGCOMPOSE_GUESTS`");
        return fs::read(Path::new(&folder).join(format!("{name}.wasm"))).unwrap();
    }
    fixture(name)
}

/// One instance of what was linked.
pub struct Asker {
    store: Store<()>,
    instance: Instance,
}

/// One engine an option.
fn engine(concurrency_support: bool) -> &'static Engine {
    static ENGINES: [OnceLock<Engine>; 2] = [OnceLock::new(), OnceLock::new()];
    ENGINES[usize::from(concurrency_support)].get_or_init(|| {
        let mut config = Config::new();
        config.concurrency_support(concurrency_support);
        Engine::new(&config).unwrap()
    })
}

impl Asker {
    pub fn new(link: Composition) -> Self {
        Self::on(link, true)
    }

    /// On an engine with or without support for async.
    pub fn on(link: Composition, concurrency_support: bool) -> Self {
        let linked = link.compose().unwrap_or_else(|error| panic!("{error:?}"));
        assert!(linked.report.imports.is_empty(), "{:?}", linked.report.imports);
        let engine = engine(concurrency_support);
        let component = Component::new(engine, linked.component.to_bytes()).unwrap();
        let mut store = Store::new(engine, ());
        let instance = Linker::new(engine).instantiate(&mut store, &component).unwrap();
        Self { store, instance }
    }

    fn function<P, R>(&mut self, name: &str) -> TypedFunc<P, R>
    where
        P: ComponentNamedList + Lower,
        R: ComponentNamedList + Lift,
    {
        let interface = self.instance.get_export_index(&mut self.store, None, "fixtures:asker/asker").unwrap();
        let function = self.instance.get_export_index(&mut self.store, Some(&interface), name).unwrap();
        self.instance.get_typed_func(&mut self.store, function).unwrap()
    }

    pub fn request(&mut self, topic: &str, message: impl Into<Said>) -> Result<Vec<Said>, String> {
        self.gather(topic, message, None, None)
    }

    pub fn gather(
        &mut self,
        topic: &str,
        message: impl Into<Said>,
        timeout_ms: Option<u32>,
        expected: Option<u32>,
    ) -> Result<Vec<Said>, String> {
        self.try_gather(topic, message.into(), timeout_ms, expected).unwrap()
    }

    /// An error is a trap.
    pub fn try_gather(
        &mut self,
        topic: &str,
        message: Said,
        timeout_ms: Option<u32>,
        expected: Option<u32>,
    ) -> wasmtime::Result<Result<Vec<Said>, String>> {
        type Results = (Result<Vec<Said>, String>,);
        let request = self.function::<(&str, Said, Option<u32>, Option<u32>), Results>("request");
        Ok(request.call(&mut self.store, (topic, message, timeout_ms, expected))?.0)
    }

    pub fn send(&mut self, topic: &str, message: impl Into<Said>) -> Result<(), String> {
        let send = self.function::<(&str, Said), (Result<(), String>,)>("send");
        send.call(&mut self.store, (topic, message.into())).unwrap().0
    }

    pub fn relay(&mut self, first: &str, second: &str, data: &str) -> Result<Vec<Said>, String> {
        let relay = self.function::<(&str, &str, &[u8]), (Result<Vec<Said>, String>,)>("relay");
        relay.call(&mut self.store, (first, second, data.as_bytes())).unwrap().0
    }

    pub fn rounds(&mut self, topic: &str, data: &[u8], times: u32) -> Result<(), String> {
        let rounds = self.function::<(&str, &[u8], u32), (Result<(), String>,)>("rounds");
        rounds.call(&mut self.store, (topic, data, times)).unwrap().0
    }

    pub fn disconnected(&mut self, topic: &str) -> Result<Vec<Said>, String> {
        let disconnected = self.function::<(&str,), (Result<Vec<Said>, String>,)>("disconnected");
        disconnected.call(&mut self.store, (topic,)).unwrap().0
    }
}

/// The texts of replies.
pub fn texts(replies: &[Said]) -> Vec<&str> {
    replies.iter().map(Said::text).collect()
}
