//! A host of `wasi:messaging` that does as a script says, and records what a component does.

use std::collections::VecDeque;
use wasmtime::{
    Config, Engine, Result, Store,
    component::{
        Component, ComponentNamedList, ComponentType, Instance, Lift, Linker, LinkerInstance, Lower, Resource,
        ResourceTable, ResourceType, TypedFunc,
    },
};

const TYPES: &str = "wasi:messaging/types@0.2.0-draft";
const PRODUCER: &str = "wasi:messaging/producer@0.2.0-draft";
const REQUEST_REPLY: &str = "wasi:messaging/request-reply@0.2.0-draft";
const HANDLER: &str = "wasi:messaging/incoming-handler@0.2.0-draft";

#[derive(Debug, Clone, PartialEq, ComponentType, Lift, Lower)]
#[component(variant)]
pub enum Error {
    #[component(name = "timeout")]
    Timeout,
    #[component(name = "connection")]
    Connection(String),
    #[component(name = "permission-denied")]
    PermissionDenied(String),
    #[component(name = "other")]
    Other(String),
}

pub struct Client(String);

#[derive(Default, Clone, Copy)]
pub struct Options {
    timeout_ms: Option<u32>,
    expected: Option<u32>,
}

#[derive(Debug, Default, Clone, PartialEq)]
pub struct Message {
    pub topic: Option<String>,
    pub content_type: Option<String>,
    pub data: Vec<u8>,
    pub metadata: Vec<(String, String)>,
}

impl Message {
    pub fn new(topic: &str, data: &str) -> Self {
        Self { topic: Some(topic.to_owned()), ..Self::of(data) }
    }

    /// Makes a message without a topic.
    pub fn of(data: &str) -> Self {
        Self { data: data.into(), ..Self::default() }
    }
}

/// What a component did.
#[derive(Debug, Clone, PartialEq)]
pub enum Done {
    /// It connected a client.
    Connected(String),
    /// It sent a message with a client to a topic.
    Sent(String, String, Message),
    /// It requested with a client from a topic, with this timeout and number of replies.
    Requested(String, String, Message, Option<u32>, Option<u32>),
    /// It replied to a message with this data.
    Replied(String, Message),
}

#[derive(Default)]
pub struct Host {
    table: ResourceTable,
    random: u64,
    pub config: Vec<(String, String)>,
    pub done: Vec<Done>,
    /// The results of the next calls; then all succeed.
    pub connects: VecDeque<Error>,
    pub sends: VecDeque<Error>,
    pub requests: VecDeque<Result<Vec<Message>, Error>>,
    pub replies: VecDeque<Error>,
}

/// Returns the next scripted error, or success.
fn next(script: &mut VecDeque<Error>) -> (Result<(), Error>,) {
    (script.pop_front().map_or(Ok(()), Err),)
}

impl Host {
    fn get(&self, message: &Resource<Message>) -> &Message {
        self.table.get(message).unwrap()
    }

    fn client(&self, client: &Resource<Client>) -> String {
        self.table.get(client).unwrap().0.clone()
    }

    fn text(&self, message: &Resource<Message>) -> String {
        String::from_utf8(self.get(message).data.clone()).unwrap()
    }

    /// Returns the number of messages, clients and options that are alive.
    pub fn alive(&mut self) -> usize {
        self.table.iter_mut().count()
    }
}

fn types(linker: &mut LinkerInstance<'_, Host>) -> Result<()> {
    linker.resource("client", ResourceType::host::<Client>(), |mut store, id| {
        store.data_mut().table.delete(Resource::<Client>::new_own(id))?;
        Ok(())
    })?;
    linker.resource("message", ResourceType::host::<Message>(), |mut store, id| {
        store.data_mut().table.delete(Resource::<Message>::new_own(id))?;
        Ok(())
    })?;
    linker.func_wrap("[static]client.connect", |mut store, (name,): (String,)| {
        let host = store.data_mut();
        host.done.push(Done::Connected(name.clone()));
        let connected = next(&mut host.connects).0.map(|()| host.table.push(Client(name)).unwrap());
        Ok((connected,))
    })?;
    linker.func_wrap("[constructor]message", |mut store, (data,): (Vec<u8>,)| {
        Ok((store.data_mut().table.push(Message { data, ..Message::default() })?,))
    })?;
    linker.func_wrap("[method]message.topic", |store, (message,): (Resource<Message>,)| {
        Ok((store.data().get(&message).topic.clone(),))
    })?;
    linker.func_wrap("[method]message.data", |store, (message,): (Resource<Message>,)| {
        Ok((store.data().get(&message).data.clone(),))
    })?;
    linker.func_wrap("[method]message.set-content-type", |mut store, set: (Resource<Message>, String)| {
        store.data_mut().table.get_mut(&set.0)?.content_type = Some(set.1);
        Ok(())
    })?;
    linker.func_wrap("[method]message.add-metadata", |mut store, set: (Resource<Message>, String, String)| {
        let metadata = &mut store.data_mut().table.get_mut(&set.0)?.metadata;
        metadata.retain(|(key, _)| *key != set.1);
        metadata.push((set.1, set.2));
        Ok(())
    })
}

fn request_reply(linker: &mut LinkerInstance<'_, Host>) -> Result<()> {
    linker.resource("request-options", ResourceType::host::<Options>(), |mut store, id| {
        store.data_mut().table.delete(Resource::<Options>::new_own(id))?;
        Ok(())
    })?;
    linker.func_wrap("[constructor]request-options", |mut store, (): ()| {
        Ok((store.data_mut().table.push(Options::default())?,))
    })?;
    linker.func_wrap("[method]request-options.set-timeout-ms", |mut store, set: (Resource<Options>, u32)| {
        store.data_mut().table.get_mut(&set.0)?.timeout_ms = Some(set.1);
        Ok(())
    })?;
    linker.func_wrap("[method]request-options.set-expected-replies", |mut store, set: (Resource<Options>, u32)| {
        store.data_mut().table.get_mut(&set.0)?.expected = Some(set.1);
        Ok(())
    })?;
    type Asked = (Resource<Client>, String, Resource<Message>, Option<Resource<Options>>);
    linker.func_wrap("request", |mut store, (client, topic, message, options): Asked| {
        let host = store.data_mut();
        let limits = options.map(|options| host.table.delete(options)).transpose()?.unwrap_or_default();
        let (client, message) = (host.client(&client), host.get(&message).clone());
        host.done.push(Done::Requested(client, topic, message, limits.timeout_ms, limits.expected));
        let replies = host.requests.pop_front().unwrap_or(Err(Error::Timeout));
        let replies = replies.map(|all| all.into_iter().map(|one| host.table.push(one).unwrap()).collect::<Vec<_>>());
        Ok((replies,))
    })?;
    linker.func_wrap("reply", |mut store, (asked, message): (Resource<Message>, Resource<Message>)| {
        let host = store.data_mut();
        let (asked, message) = (host.text(&asked), host.table.delete(message)?);
        host.done.push(Done::Replied(asked, message));
        Ok(next(&mut host.replies))
    })
}

fn linker(engine: &Engine) -> Result<Linker<Host>> {
    let mut linker = Linker::new(engine);
    types(&mut linker.instance(TYPES)?)?;
    request_reply(&mut linker.instance(REQUEST_REPLY)?)?;
    linker.instance(PRODUCER)?.func_wrap(
        "send",
        |mut store, (client, topic, message): (Resource<Client>, String, Resource<Message>)| {
            let host = store.data_mut();
            let (client, message) = (host.client(&client), host.table.delete(message)?);
            host.done.push(Done::Sent(client, topic, message));
            Ok(next(&mut host.sends))
        },
    )?;
    linker.instance("wasi:random/random@0.2.0")?.func_wrap("get-random-u64", |mut store, (): ()| {
        store.data_mut().random += 1;
        Ok((store.data().random,))
    })?;
    linker
        .instance("wasi:config/store@0.2.0-rc.1")?
        .func_wrap("get-all", |store, (): ()| Ok((Result::<_, ConfigError>::Ok(store.data().config.clone()),)))?;
    Ok(linker)
}

#[derive(ComponentType, Lift, Lower)]
#[component(variant)]
enum ConfigError {
    #[component(name = "upstream")]
    Upstream(String),
    #[component(name = "io")]
    Io(String),
}

/// An instance on this host.
pub struct Running {
    pub store: Store<Host>,
    instance: Instance,
}

impl Running {
    pub fn new(component: &[u8]) -> Self {
        let engine = Engine::new(&Config::new()).unwrap();
        let mut store = Store::new(&engine, Host::default());
        let component = Component::new(&engine, component).unwrap();
        let instance = linker(&engine).unwrap().instantiate(&mut store, &component).unwrap();
        Self { store, instance }
    }

    pub fn function<P, R>(&mut self, interface: &str, name: &str) -> TypedFunc<P, R>
    where
        P: ComponentNamedList + Lower,
        R: ComponentNamedList + Lift,
    {
        let interface = self.instance.get_export_index(&mut self.store, None, interface).unwrap();
        let function = self.instance.get_export_index(&mut self.store, Some(&interface), name).unwrap();
        self.instance.get_typed_func(&mut self.store, function).unwrap()
    }

    pub fn message(&mut self, message: Message) -> Resource<Message> {
        self.store.data_mut().table.push(message).unwrap()
    }

    /// Lets the guest handle a message.
    pub fn deliver(&mut self, topic: &str, data: &str) -> Result<(), Error> {
        self.handle(Message::new(topic, data))
    }

    pub fn handle(&mut self, message: Message) -> Result<(), Error> {
        let message = self.message(message);
        let handle = self.function::<(Resource<Message>,), (Result<(), Error>,)>(HANDLER, "handle");
        handle.call(&mut self.store, (message,)).unwrap().0
    }

    /// Lets the guest handle a message, and returns the text of its only reply.
    pub fn answer(&mut self, topic: &str, data: &str) -> String {
        assert_eq!(self.deliver(topic, data), Ok(()));
        let replies: Vec<_> = self.done().into_iter().filter(|done| matches!(done, Done::Replied(..))).collect();
        let [Done::Replied(_, reply)] = &replies[..] else { panic!("{replies:?}") };
        String::from_utf8(reply.data.clone()).unwrap()
    }

    /// Returns what the component did since the last call.
    pub fn done(&mut self) -> Vec<Done> {
        std::mem::take(&mut self.store.data_mut().done)
    }
}
