//! Composed components on a real engine, with a broker and a store in memory. What the other tests drive them with is
//! here.

use crate::support::{FLAGSHIP, composition};
use futures::FutureExt;
use msgcompose::{Composition, catalogue, dialect::Form};
use msgcompose_host::{
    App, Broker, Clock, Event, Instances, KeyValue, Message, Options, Outcome, Running, Runtime, Services,
    Subscriptions,
    broker::{self, Deliveries},
    keyvalue,
};
use std::{
    collections::BTreeMap,
    net::Ipv4Addr,
    sync::{Arc, Mutex, OnceLock},
    time::Duration,
};
use tokio::{sync::mpsc, time::timeout};

/// Longer than anything takes that is not stuck.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a test is run on.
#[derive(Debug, Clone, Copy)]
pub struct Variant {
    pub mailbox: Mailbox,
    /// Whether the engine supports async.
    pub concurrency_support: bool,
}

/// Where replies meet requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mailbox {
    /// In a store of this version of `wasi:keyvalue`; each message has an instance.
    KeyValue(&'static str),
    /// In the memory of shared instances that speak this dialect.
    Memory(Form),
}

/// Shared instances of a component: as many messages as a test has waiting at once, since each waits in one of its own.
const INSTANCES: usize = 24;

impl Variant {
    /// What it asks for when a fixture is composed.
    pub fn composition(self, guest: &str, options: &[(&str, &str)]) -> Composition {
        self.of(composition(guest, options))
    }

    /// The flagship around any guest.
    pub fn around(self, guest: Composition) -> Composition {
        self.of(guest.adapter(catalogue::get(FLAGSHIP).unwrap()))
    }

    fn of(self, composition: Composition) -> Composition {
        match self.mailbox {
            Mailbox::KeyValue(version) => composition.set("keyvalue", version),
            Mailbox::Memory(form) => composition.set("mailbox", "memory").with(|all| all.dialect = Some(form)),
        }
    }

    /// The version of `wasi:keyvalue`, where the mailbox is there.
    pub fn keyvalue(self) -> &'static str {
        match self.mailbox {
            Mailbox::KeyValue(version) => version,
            Mailbox::Memory(form) => panic!("the mailbox is in memory, {form}"),
        }
    }

    pub fn is_in_memory(self) -> bool {
        matches!(self.mailbox, Mailbox::Memory(_))
    }

    /// The dialect, where the mailbox is in memory.
    pub fn form(self) -> Form {
        match self.mailbox {
            Mailbox::KeyValue(version) => panic!("the mailbox is in wasi:keyvalue@{version}"),
            Mailbox::Memory(form) => form,
        }
    }

    /// Whether a topic is the reply topic `replies`, or below it where each instance has an inbox there.
    pub fn is_reply_topic(self, topic: &str) -> bool {
        if self.is_in_memory() { topic.starts_with("replies.") } else { topic == "replies" }
    }
}

/// One engine an option: setting one up takes longer than most tests.
fn runtime(concurrency_support: bool) -> &'static Runtime {
    static RUNTIMES: [OnceLock<Runtime>; 2] = [OnceLock::new(), OnceLock::new()];
    RUNTIMES[usize::from(concurrency_support)].get_or_init(|| Runtime::new(Options { concurrency_support }).unwrap())
}

/// A host with components on it.
pub struct World {
    pub variant: Variant,
    pub broker: broker::Memory,
    pub store: keyvalue::Memory,
    services: Arc<Services>,
    events: tokio::sync::Mutex<mpsc::UnboundedReceiver<Event>>,
    running: Mutex<Vec<Running>>,
    inboxes: Arc<Inboxes>,
    instances: usize,
}

/// Where replies go: to what a request named. Whoever answers a request need not know where the mailbox is.
#[derive(Default)]
struct Inboxes {
    /// By correlation id.
    of: Mutex<BTreeMap<String, String>>,
    last: Mutex<Option<String>>,
}

impl Inboxes {
    fn see(&self, request: &Message) {
        let values = || request.metadata.iter().flatten().map(|(_, value)| value);
        if let Some(inbox) = values().find(|value| value.starts_with("replies.")) {
            *self.last.lock().unwrap() = Some(inbox.clone());
            for id in values().filter(|value| value.len() == 32) {
                self.of.lock().unwrap().insert(id.clone(), inbox.clone());
            }
        }
    }

    /// The inbox of the request that this answers; for what answers none, that of the last.
    fn of(&self, reply: &Message) -> Option<String> {
        let of = self.of.lock().unwrap();
        let known = reply.metadata.iter().flatten().find_map(|(_, value)| of.get(value).cloned());
        known.or_else(|| self.last.lock().unwrap().clone())
    }
}

impl World {
    pub fn new(variant: Variant) -> Self {
        Self::with_store(variant, keyvalue::Memory::new(["default"]))
    }

    pub fn with_store(variant: Variant, store: keyvalue::Memory) -> Self {
        Self::with(variant, store, Clock::default())
    }

    pub fn with(variant: Variant, store: keyvalue::Memory, clock: Clock) -> Self {
        Self::on(variant, store, |services| services.clock = clock)
    }

    /// With an environment and a configuration that components see.
    pub fn configured(variant: Variant, environment: &[(&str, &str)], config: &[(&str, &str)]) -> Self {
        let map =
            |pairs: &[(&str, &str)]| pairs.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect();
        Self::on(variant, keyvalue::Memory::new(["default"]), |services| {
            services.environment = map(environment);
            services.config = map(config);
        })
    }

    fn on(variant: Variant, store: keyvalue::Memory, change: impl FnOnce(&mut Services)) -> Self {
        let (watcher, events) = mpsc::unbounded_channel();
        let broker = broker::Memory::new();
        let mut services = Services::new(Broker::Memory(broker.clone()), KeyValue::Memory(store.clone()), watcher);
        change(&mut services);
        let services = Arc::new(services);
        let (running, inboxes) = Default::default();
        let (events, instances) = (events.into(), INSTANCES);
        Self { variant, broker, store, services, events, running, inboxes, instances }
    }

    /// With so many shared instances of each component.
    pub fn with_instances(self, instances: usize) -> Self {
        Self { instances, ..self }
    }

    /// A component that is not started.
    pub fn load(&self, name: &str, bytes: &[u8]) -> App {
        App::new(runtime(self.variant.concurrency_support), &self.services, name, bytes, &[]).unwrap()
    }

    /// Composes a fixture with the flagship, and lets it handle these topics.
    pub async fn start(&self, guest: &str, topics: &[&str], options: &[(&str, &str)]) -> App {
        let composed = self.variant.composition(guest, options).compose().unwrap();
        self.start_component(guest, &composed.component.to_bytes(), topics, &[]).await
    }

    pub async fn start_component(&self, name: &str, bytes: &[u8], topics: &[&str], arguments: &[&str]) -> App {
        let arguments: Vec<String> = arguments.iter().map(|argument| (*argument).to_owned()).collect();
        let runtime = runtime(self.variant.concurrency_support);
        let app = App::new(runtime, &self.services, name, bytes, &arguments).unwrap();
        let mut subscriptions = Subscriptions { concurrency: 64, ..Subscriptions::default() };
        if self.variant.is_in_memory() {
            subscriptions.instances = Instances::Shared(self.instances.try_into().unwrap());
        }
        for topic in topics {
            match (*topic, self.variant.is_in_memory()) {
                ("replies", true) => subscriptions.inboxes.push("replies.*".to_owned()),
                ("shared:replies", true) => subscriptions.inboxes.push("replies".to_owned()),
                (topic, _) => subscriptions.topics.push(topic.to_owned()),
            }
        }
        let running = app.start(&subscriptions).await.unwrap();
        self.running.lock().unwrap().push(running);
        app
    }

    /// Runs the program that was started last.
    pub async fn run(&self, app: &App) -> Outcome {
        let pool = self.running.lock().unwrap().last().and_then(Running::pool);
        app.run(pool.as_deref()).await
    }

    /// Serves a component's HTTP handler; gives the port.
    pub async fn serve(&self, name: &str, bytes: &[u8]) -> u16 {
        let app = App::new(runtime(self.variant.concurrency_support), &self.services, name, bytes, &[]).unwrap();
        let serving = app.serve_http((Ipv4Addr::LOCALHOST, 0).into(), 64).await.unwrap();
        self.running.lock().unwrap().push(serving.running);
        serving.address.port()
    }

    /// Whether the host has all that a component wants, and something to call of it.
    pub fn takes(&self, bytes: &[u8]) -> bool {
        App::new(runtime(self.variant.concurrency_support), &self.services, "component", bytes, &[]).is_ok()
    }

    pub async fn publish(&self, topic: &str, message: Message) {
        let inbox = self.inboxes.of(&message).filter(|_| topic == "replies");
        let topic = inbox.as_deref().unwrap_or(topic);
        self.services.broker.publish(topic, message).await.unwrap();
    }

    /// What is published on a topic from now on.
    pub async fn listen(&self, topic: &str) -> Listener {
        let deliveries = self.services.broker.subscribe(topic, None).await.unwrap();
        Listener { deliveries, inboxes: Arc::clone(&self.inboxes) }
    }

    /// The name of the client that the next message to a topic is sent with.
    pub async fn client(&self, topic: &str) -> String {
        let mut events = self.events.lock().await;
        let next = async {
            loop {
                if let Event::Sent { topic: sent, client, .. } = events.recv().await.unwrap()
                    && sent == topic
                {
                    return client;
                }
            }
        };
        timeout(PATIENCE, next).await.unwrap_or_else(|_| panic!("nothing was sent to `{topic}`"))
    }

    /// The next message that was handled on a topic, and how. On the reply topic it is one that all instances have
    /// handled that got it.
    pub async fn handled(&self, topic: &str) -> Outcome {
        let mut events = self.events.lock().await;
        let times = if topic == "replies" && self.variant.is_in_memory() { self.instances } else { 1 };
        let is_of =
            |handled: &str| if topic == "replies" { self.variant.is_reply_topic(handled) } else { handled == topic };
        let next = async {
            let mut worst = Outcome::Ok;
            let mut left = times;
            while left > 0 {
                if let Event::Handled { topic: handled, outcome, .. } = events.recv().await.unwrap()
                    && is_of(&handled)
                {
                    left -= 1;
                    if outcome != Outcome::Ok {
                        worst = outcome;
                    }
                }
            }
            worst
        };
        timeout(PATIENCE, next).await.unwrap_or_else(|_| panic!("nothing was handled on `{topic}`"))
    }

    /// The keys in the mailbox; in memory there are none.
    pub async fn keys(&self) -> Vec<String> {
        self.bucket().await.keys().await.unwrap()
    }

    pub async fn bucket(&self) -> keyvalue::Bucket {
        self.open("default").await
    }

    pub async fn open(&self, bucket: &str) -> keyvalue::Bucket {
        self.services.keyvalue.open(bucket).await.unwrap()
    }

    /// The number of dropped replies.
    pub async fn dropped(&self, reason: &str) -> u64 {
        if self.variant.is_in_memory() {
            let pools: Vec<_> = self.running.lock().unwrap().iter().filter_map(Running::pool).collect();
            let mut sum = 0;
            for pool in pools {
                sum += pool.dropped().await.get(reason).copied().unwrap_or_default();
            }
            return sum;
        }
        let count = self.bucket().await.get(&format!("reqreply.dropped.{reason}")).await.unwrap();
        count.map_or(0, |count| String::from_utf8(count).unwrap().parse().unwrap())
    }
}

/// What comes on a topic.
pub struct Listener {
    deliveries: Deliveries,
    inboxes: Arc<Inboxes>,
}

impl Listener {
    pub async fn next(&mut self) -> Message {
        let message = timeout(PATIENCE, self.deliveries.recv()).await.expect("nothing came");
        let message = message.expect("the broker is there");
        self.inboxes.see(&message);
        message
    }

    /// What has come already.
    pub fn now(&mut self) -> Option<Message> {
        self.deliveries.recv().now_or_never().flatten()
    }

    pub async fn is_silent(&mut self, duration: Duration) -> bool {
        timeout(duration, self.deliveries.recv()).await.is_err()
    }
}

/// The text of a message.
pub fn text(message: &Message) -> String {
    String::from_utf8(message.data.clone()).unwrap()
}

/// A message that makes `probe` ask `topic`.
pub fn ask(topic: &str, data: &str) -> Message {
    Message::new(data).with("probe-topic", topic)
}

/// An answer to a request that was seen on its topic.
pub fn answer(request: &Message, data: &str) -> Message {
    Message::new(data).with("correlation-id", request.get("correlation-id").expect("a request has one"))
}

/// Runs a test on every variant.
pub fn on_all_variants<F: Future<Output = ()>>(test: impl Fn(Variant) -> F) {
    on_keyvalue_variants(&test);
    on_memory_variants(&test);
}

/// Runs a test that is about the key-value store on every variant that has one.
pub fn on_keyvalue_variants<F: Future<Output = ()>>(test: impl Fn(Variant) -> F) {
    for version in ["0.2.0-draft", "0.2.0-draft2"] {
        for concurrency_support in [true, false] {
            on(Variant { mailbox: Mailbox::KeyValue(version), concurrency_support }, &test);
        }
    }
}

/// Runs a test that is about shared instances on every variant that has some.
pub fn on_memory_variants<F: Future<Output = ()>>(test: impl Fn(Variant) -> F) {
    for form in [Form::Mixed, Form::Async] {
        on(Variant { mailbox: Mailbox::Memory(form), concurrency_support: true }, &test);
    }
}

fn on<F: Future<Output = ()>>(variant: Variant, test: impl Fn(Variant) -> F) {
    println!("on {variant:?}");
    let threads = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    threads.block_on(test(variant));
    threads.shutdown_background();
}
