//! Linked guests on a real engine. The application is `asker`, which does what a test says, or `asker-async`.

mod chain;
mod hints;
#[cfg(unix)]
mod hosts;
#[cfg(unix)]
mod outside;
mod patterns;
mod replies;
mod sending;
mod tasks;
mod twice;

use crate::support::fixture;
use msgcompose::{Composition, Validation, types::Dialect};
use std::{cell::Cell, env, fs, path::Path, sync::OnceLock};
use wasmtime::{
    Config, Engine, Store,
    component::{Accessor, Component, ComponentNamedList, ComponentType, Instance, Lift, Linker, Lower, TypedFunc},
};

/// The content of a message.
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

thread_local! {
    /// Whether the application is async.
    static IS_ASYNC: Cell<bool> = const { Cell::new(false) };
}

/// Runs a test with a sync application, and with an async one, under which sync handlers are lifted.
pub fn in_both(test: impl Fn()) {
    test();
    IS_ASYNC.set(true);
    test();
    IS_ASYNC.set(false);
}

/// Links the committed guest `asker` or `asker-async` with handlers, each given as patterns and a fixture.
pub fn link(handlers: &[(&str, &str)]) -> Composition {
    let app = if IS_ASYNC.get() { "asker-async" } else { "asker" };
    let link = Composition::new("asker.wasm", fixture(app)).with(|all| all.validate = Validation::Full);
    handlers.iter().fold(link, |link, (patterns, handler)| {
        link.handler(patterns.split(','), format!("{handler}.wasm"), guest(handler))
    })
}

/// Returns a guest, committed or from the cache.
pub fn guest(name: &str) -> Vec<u8> {
    if name.ends_with("-js") {
        let folder = env::var("MSGCOMPOSE_GUESTS").expect("`cargo xtask test` sets `MSGCOMPOSE_GUESTS`");
        return fs::read(Path::new(&folder).join(format!("{name}.wasm"))).unwrap();
    }
    fixture(name)
}

/// An instance of a linked component.
pub struct Asker {
    store: Store<()>,
    instance: Instance,
    /// Whether the application is async.
    pub is_async: bool,
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

/// Returns the engine for an option.
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

    /// Makes an instance on an engine with or without async support.
    pub fn on(link: Composition, concurrency_support: bool) -> Self {
        let linked = link.compose().unwrap_or_else(|error| panic!("{error:?}"));
        assert!(linked.report.imports.is_empty(), "{:?}", linked.report.imports);
        let engine = engine(concurrency_support);
        let component = Component::new(engine, linked.component.to_bytes()).unwrap();
        let mut store = Store::new(engine, ());
        let is_async = linked.report.dialect != Dialect::Sync;
        let linker = Linker::new(engine);
        let instance = if is_async {
            block_on(linker.instantiate_async(&mut store, &component)).unwrap()
        } else {
            linker.instantiate(&mut store, &component).unwrap()
        };
        Self { store, instance, is_async }
    }

    /// Calls a function of the application.
    fn call<P, R>(&mut self, name: &str, parameters: P) -> wasmtime::Result<R>
    where
        P: ComponentNamedList + Lower + Send + Sync + 'static,
        R: ComponentNamedList + Lift + Send + Sync + 'static,
    {
        let function = self.function::<P, R>(name);
        if !self.is_async {
            return function.call(&mut self.store, parameters);
        }
        let call = async |accessor: &Accessor<()>| function.call_concurrent(accessor, parameters).await;
        block_on(self.store.run_concurrent(call))?
    }

    fn function<P, R>(&mut self, name: &str) -> TypedFunc<P, R>
    where
        P: ComponentNamedList + Lower,
        R: ComponentNamedList + Lift,
    {
        let name_of_interface = if self.is_async { "fixtures:asker-async/asker" } else { "fixtures:asker/asker" };
        let interface = self.instance.get_export_index(&mut self.store, None, name_of_interface).unwrap();
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

    /// Gathers replies. A trap is an error.
    pub fn try_gather(
        &mut self,
        topic: &str,
        message: Said,
        timeout_ms: Option<u32>,
        expected: Option<u32>,
    ) -> wasmtime::Result<Result<Vec<Said>, String>> {
        type Results = (Result<Vec<Said>, String>,);
        Ok(self.call::<_, Results>("request", (topic.to_owned(), message, timeout_ms, expected))?.0)
    }

    pub fn send(&mut self, topic: &str, message: impl Into<Said>) -> Result<(), String> {
        self.call::<_, (Result<(), String>,)>("send", (topic.to_owned(), message.into())).unwrap().0
    }

    pub fn relay(&mut self, first: &str, second: &str, data: &str) -> Result<Vec<Said>, String> {
        let parameters = (first.to_owned(), second.to_owned(), data.as_bytes().to_vec());
        self.call::<_, (Result<Vec<Said>, String>,)>("relay", parameters).unwrap().0
    }

    pub fn rounds(&mut self, topic: &str, data: &[u8], times: u32) -> Result<(), String> {
        self.call::<_, (Result<(), String>,)>("rounds", (topic.to_owned(), data.to_vec(), times)).unwrap().0
    }

    pub fn disconnected(&mut self, topic: &str) -> Result<Vec<Said>, String> {
        self.call::<_, (Result<Vec<Said>, String>,)>("disconnected", (topic.to_owned(),)).unwrap().0
    }

    /// Requests with each text, all at once. Only for an async application.
    pub fn at_once(&mut self, topic: &str, texts: &[String]) -> Vec<String> {
        self.call::<_, (Vec<String>,)>("at-once", (topic.to_owned(), texts.to_vec())).unwrap().0
    }

    /// Requests, and gives up. Returns whether the request was over already. Only for an async application.
    pub fn give_up(&mut self, topic: &str, text: &str) -> Result<bool, String> {
        self.call::<_, (Result<bool, String>,)>("give-up", (topic.to_owned(), text.to_owned())).unwrap().0
    }
}

/// Returns the texts of replies.
pub fn texts(replies: &[Said]) -> Vec<&str> {
    replies.iter().map(Said::text).collect()
}
