//! One instance that answers many requests, on an engine that counts its memory.

use crate::http::client::{Request, Response};
use http_body_util::{BodyExt, Full};
use tokio::{runtime, sync::oneshot};
use wasmtime::{
    Config, Engine, ResourceLimiter, Result, Store,
    component::{Component, Linker, ResourceTable},
};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{
    RequestOptions, WasiHttpCtx, WasiHttpCtxView, WasiHttpView,
    p2::bindings::{Proxy, http::types::Scheme},
};

/// The instance.
pub struct Instance {
    store: Store<State>,
    proxy: Proxy,
    threads: runtime::Runtime,
}

struct State {
    table: ResourceTable,
    wasi: WasiCtx,
    http: WasiHttpCtx,
    taken: Taken,
}

/// The bytes of all memories and the elements of all tables.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Taken {
    pub memory: usize,
    pub tables: usize,
}

impl ResourceLimiter for Taken {
    fn memory_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> Result<bool> {
        self.memory += desired - current;
        Ok(true)
    }

    fn table_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> Result<bool> {
        self.tables += desired - current;
        Ok(true)
    }
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

impl WasiHttpView for State {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView { ctx: &mut self.http, table: &mut self.table, hooks: wasmtime_wasi_http::default_hooks() }
    }
}

impl Instance {
    /// Makes an instance with at most `handles` handles at a time.
    pub fn new(component: &[u8], handles: usize) -> Self {
        Self::on(&Engine::default(), component, handles)
    }

    /// Makes an instance that counts the instructions that it executes.
    pub fn counting(component: &[u8]) -> Self {
        let engine = Engine::new(Config::new().consume_fuel(true)).unwrap();
        Self::on(&engine, component, usize::MAX)
    }

    fn on(engine: &Engine, component: &[u8], handles: usize) -> Self {
        let component = Component::new(engine, component).unwrap();
        let mut linker = Linker::new(engine);
        wasmtime_wasi::p2::add_to_linker_async(&mut linker).unwrap();
        wasmtime_wasi_http::p2::add_only_http_to_linker_async(&mut linker).unwrap();
        let (table, wasi, http, taken) =
            (ResourceTable::new(), WasiCtx::default(), WasiHttpCtx::new(), Taken::default());
        let mut store = Store::new(engine, State { table, wasi, http, taken });
        // An engine that counts nothing refuses fuel.
        let _ = store.set_fuel(u64::MAX);
        store.limiter(|state| &mut state.taken);
        store.set_max_component_handles(handles);
        let threads = runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let proxy = threads.block_on(Proxy::instantiate_async(&mut store, &component, &linker)).unwrap();
        Self { store, proxy, threads }
    }

    /// Returns what it has allocated so far.
    pub fn taken(&self) -> Taken {
        self.store.data().taken
    }

    /// Answers a request, and returns the number of instructions that it took.
    pub fn count(&mut self, request: &Request) -> (Response, u64) {
        let before = self.store.get_fuel().unwrap();
        let response = self.answer(request);
        (response, before - self.store.get_fuel().unwrap())
    }

    /// Returns the number of resources that the host holds for it. Options of requests do not count: this host never
    /// frees them.
    pub fn held_by_host(&mut self) -> usize {
        self.store.data_mut().table.iter_mut().filter(|entry| !entry.is::<RequestOptions>()).count()
    }

    /// Answers a request.
    pub fn answer(&mut self, request: &Request) -> Response {
        let Self { store, proxy, threads } = self;
        threads.block_on(async {
            let (sender, response) = oneshot::channel();
            let mut http = store.data_mut().http();
            let request = http.new_incoming_request(Scheme::Http, convert(request)).unwrap();
            let set = move |response| drop(sender.send(response));
            let out = http.new_response_outparam_from_callback(set).unwrap();
            let handler = proxy.wasi_http_incoming_handler();
            // Read the body while it is written, because it may be longer than the host's buffer.
            let (called, response) = tokio::join!(handler.call_handle(store, request, out), async {
                let (head, body) = response.await.unwrap().unwrap().into_parts();
                let text = |value: &hyper::header::HeaderValue| value.to_str().unwrap().to_owned();
                let headers = head.headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect();
                let body = body.collect().await.unwrap().to_bytes().to_vec();
                Response { status: head.status.as_u16(), headers, body }
            });
            called.unwrap();
            response
        })
    }
}

fn convert(request: &Request) -> hyper::Request<Full<hyper::body::Bytes>> {
    let builder = hyper::Request::builder().method(&*request.method).uri(&*request.target).header("host", "localhost");
    let headers = request.headers.iter();
    let builder = headers.fold(builder, |builder, (name, value)| builder.header(name.as_slice(), value.as_slice()));
    builder.body(Full::from(request.body.clone().unwrap_or_default())).unwrap()
}
