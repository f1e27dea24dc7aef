//! Components, and the instances that are called.

use crate::{
    bindings::{
        exports::wasi::messaging::incoming_handler as messaging, wasmcloud::wasmcloud::messaging::types::BrokerMessage,
    },
    host::{Host, Setup, State},
    keyvalue::Bucket,
    message::Message,
};
use std::{collections::BTreeMap, fs, rc::Rc};
use wasmtime::{
    Result, Store, bail,
    component::{Component, InstancePre, Resource, TypedFunc, types::ComponentItem},
    error::Context,
};
use wasmtime_wasi_http::p2::bindings::{Proxy, ProxyPre};

const HANDLER: &str = "wasi:messaging/incoming-handler@0.2.0-draft";
const WASMCLOUD: &str = "wasmcloud:messaging/handler@0.2.0";
const HTTP: &str = "wasi:http/incoming-handler@0.2.0";

/// `handle` of a component that handles messages.
pub type Handle = TypedFunc<(Resource<Message>,), (Result<(), messaging::Error>,)>;

/// `handle-message` of one that handles wasmCloud's.
pub type WasmcloudHandle = TypedFunc<(BrokerMessage,), (Result<(), String>,)>;

/// Engines and compiled components, each made once.
#[derive(Default)]
pub struct Cache {
    hosts: Vec<(Setup, Rc<Host>)>,
    loaded: BTreeMap<(String, Setup), Rc<Loaded>>,
}

/// A compiled component with its host.
pub struct Loaded {
    pub host: Rc<Host>,
    pub pre: InstancePre<State>,
}

/// An instance that is called again and again.
pub struct Live {
    pub store: Store<State>,
    pub entry: Entry,
}

/// What of an instance is called.
pub enum Entry {
    /// A handler of messages.
    Messaging(Handle),
    /// A handler of messages that is an `async func`: it gets replies while it waits for them.
    Concurrent(Handle),
    /// A handler of wasmCloud's messages.
    Wasmcloud(WasmcloudHandle),
    /// A handler of HTTP requests.
    Http(Proxy),
}

impl Live {
    /// Returns the fuel that it has used, together with the one that gets its replies.
    pub fn used(&self) -> Result<u64> {
        let of = |store: &Store<State>| -> Result<u64> { Ok(u64::MAX - store.get_fuel()?) };
        let of_peer = self.store.data().peer.as_ref().map_or(Ok(0), |peer| of(&peer.store));
        Ok(of(&self.store)? + of_peer?)
    }
}

/// An instance that gets replies for another one, as a host does that makes an instance for each message.
pub struct Peer {
    store: Store<State>,
    handle: Handle,
}

impl Cache {
    /// Returns a component for an engine that is set up so.
    pub fn load(&mut self, path: &str, setup: Setup) -> Result<Rc<Loaded>> {
        let key = (path.to_owned(), setup);
        if let Some(loaded) = self.loaded.get(&key) {
            return Ok(Rc::clone(loaded));
        }
        let host = if let Some((_, host)) = self.hosts.iter().find(|(of, _)| *of == setup) {
            Rc::clone(host)
        } else {
            let host = Rc::new(Host::new(setup)?);
            self.hosts.push((setup, Rc::clone(&host)));
            host
        };
        let failed = || format!("failed to load `{path}`");
        let component = host.compile(&fs::read(path)?).with_context(failed)?;
        let pre = host.linker(&component)?.instantiate_pre(&component).with_context(failed)?;
        let loaded = Rc::new(Loaded { host, pre });
        self.loaded.insert(key, Rc::clone(&loaded));
        Ok(loaded)
    }
}

impl Loaded {
    /// Makes an instance to call.
    pub async fn live(&self) -> Result<Live> {
        let bucket = Bucket::default();
        let mut store = self.host.store(&bucket);
        let component = self.pre.component();
        if component.get_export_index(None, HTTP).is_some() {
            let proxy = ProxyPre::new(self.pre.clone())?.instantiate_async(&mut store).await?;
            return Ok(Live { store, entry: Entry::Http(proxy) });
        }
        if component.get_export_index(None, HANDLER).is_some() {
            let (handle, is_async) = self.handle(&mut store, HANDLER, "handle").await?;
            if is_async {
                return Ok(Live { store, entry: Entry::Concurrent(handle) });
            }
            // Only a component whose replies meet requests in a store can get them in another instance.
            let engine = component.engine();
            if component.component_type().imports(engine).any(|(name, _)| name.starts_with("wasi:keyvalue/")) {
                let mut other = self.host.store(&bucket);
                let (handle, _) = self.handle(&mut other, HANDLER, "handle").await?;
                store.data_mut().peer = Some(Box::new(Peer { store: other, handle }));
            }
            return Ok(Live { store, entry: Entry::Messaging(handle) });
        }
        let (handle, _) = self.handle(&mut store, WASMCLOUD, "handle-message").await?;
        Ok(Live { store, entry: Entry::Wasmcloud(handle) })
    }

    /// Makes an instance, and finds a function. Returns it, and whether it is an `async func`.
    async fn handle<P, R>(
        &self,
        store: &mut Store<State>,
        interface: &str,
        name: &str,
    ) -> Result<(TypedFunc<P, R>, bool)>
    where
        P: wasmtime::component::ComponentNamedList + wasmtime::component::Lower,
        R: wasmtime::component::ComponentNamedList + wasmtime::component::Lift,
    {
        let component: &Component = self.pre.component();
        let found = component.get_export_index(None, interface);
        let found = found.and_then(|interface| component.get_export(Some(&interface), name));
        let Some((ComponentItem::ComponentFunc(function), index)) = found else {
            bail!("the component exports no handler");
        };
        let instance = self.pre.instantiate_async(&mut *store).await?;
        Ok((instance.get_typed_func(&mut *store, index)?, function.async_()))
    }
}

impl Peer {
    /// Handles a message.
    pub async fn handle(&mut self, message: Message) -> Result<()> {
        let message = self.store.data_mut().table.push(message)?;
        let (result,) = self.handle.call_async(&mut self.store, (message,)).await?;
        Ok(result?)
    }
}
