//! Composed components on a real engine, with a broker and a store in memory. What the other tests drive them with is
//! here.

use crate::support::compose;
use futures::FutureExt;
use msgcompose_host::{
    App, Broker, Clock, Event, KeyValue, Message, Options, Outcome, Running, Runtime, Services, Subscriptions,
    broker::{self, Deliveries},
    keyvalue,
};
use std::{
    net::Ipv4Addr,
    sync::{Arc, Mutex, OnceLock},
    time::Duration,
};
use tokio::{sync::mpsc, time::timeout};

/// Longer than anything takes that is not stuck.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a test is run on: a version of `wasi:keyvalue`, and an engine with or without support for async.
#[derive(Debug, Clone, Copy)]
pub struct Variant {
    pub keyvalue: &'static str,
    pub concurrency_support: bool,
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
        Self { variant, broker, store, services, events: events.into(), running: Mutex::default() }
    }

    /// Composes a fixture with the flagship, and lets it handle these topics.
    pub async fn start(&self, guest: &str, topics: &[&str], options: &[(&str, &str)]) -> App {
        let mut options = options.to_vec();
        options.push(("keyvalue", self.variant.keyvalue));
        self.start_component(guest, &compose(guest, &options), topics, &[]).await
    }

    pub async fn start_component(&self, name: &str, bytes: &[u8], topics: &[&str], arguments: &[&str]) -> App {
        let arguments: Vec<String> = arguments.iter().map(|argument| (*argument).to_owned()).collect();
        let runtime = runtime(self.variant.concurrency_support);
        let app = App::new(runtime, &self.services, name, bytes, &arguments).unwrap();
        let topics = topics.iter().map(|topic| (*topic).to_owned()).collect();
        let running = app.start(&Subscriptions { topics, concurrency: 64, ..Subscriptions::default() }).await.unwrap();
        self.running.lock().unwrap().push(running);
        app
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
        self.services.broker.publish(topic, message).await.unwrap();
    }

    /// What is published on a topic from now on.
    pub async fn listen(&self, topic: &str) -> Listener {
        Listener(self.services.broker.subscribe(topic, None).await.unwrap())
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

    /// The next message that was handled on a topic, and how.
    pub async fn handled(&self, topic: &str) -> Outcome {
        let mut events = self.events.lock().await;
        let next = async {
            loop {
                if let Event::Handled { topic: handled, outcome, .. } = events.recv().await.unwrap()
                    && handled == topic
                {
                    return outcome;
                }
            }
        };
        timeout(PATIENCE, next).await.unwrap_or_else(|_| panic!("nothing was handled on `{topic}`"))
    }

    /// The keys in the mailbox.
    pub async fn keys(&self) -> Vec<String> {
        self.bucket().await.keys().await.unwrap()
    }

    pub async fn bucket(&self) -> keyvalue::Bucket {
        self.open("default").await
    }

    pub async fn open(&self, bucket: &str) -> keyvalue::Bucket {
        self.services.keyvalue.open(bucket).await.unwrap()
    }

    /// The number in a counter of dropped replies.
    pub async fn dropped(&self, reason: &str) -> u64 {
        let count = self.bucket().await.get(&format!("reqreply.dropped.{reason}")).await.unwrap();
        count.map_or(0, |count| String::from_utf8(count).unwrap().parse().unwrap())
    }
}

/// What comes on a topic.
pub struct Listener(Deliveries);

impl Listener {
    pub async fn next(&mut self) -> Message {
        timeout(PATIENCE, self.0.recv()).await.expect("nothing came").expect("the broker is there")
    }

    /// What has come already.
    pub fn now(&mut self) -> Option<Message> {
        self.0.recv().now_or_never().flatten()
    }

    pub async fn is_silent(&mut self, duration: Duration) -> bool {
        timeout(duration, self.0.recv()).await.is_err()
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
    for keyvalue in ["0.2.0-draft", "0.2.0-draft2"] {
        for concurrency_support in [true, false] {
            let variant = Variant { keyvalue, concurrency_support };
            println!("on {variant:?}");
            let threads = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
            threads.block_on(test(variant));
            threads.shutdown_background();
        }
    }
}
