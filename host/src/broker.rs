//! What carries messages between components: publish and subscribe, and nothing more.

mod memory;
mod nats;

pub use memory::Memory;
pub use nats::Nats;

use futures::{Stream, StreamExt, stream::BoxStream};
use std::fmt;

/// A message on its way, or in a component's hands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Message {
    /// Where it was received; none for one that a component made.
    pub topic: Option<String>,
    /// The media type of the data.
    pub content_type: Option<String>,
    /// Keys and values, in order.
    pub metadata: Option<Vec<(String, String)>>,
    /// The data.
    pub data: Vec<u8>,
}

impl Message {
    /// A message with nothing but data.
    pub fn new(data: impl Into<Vec<u8>>) -> Self {
        Self { data: data.into(), ..Self::default() }
    }

    /// The same message with one more metadata key.
    #[must_use]
    pub fn with(mut self, key: &str, value: &str) -> Self {
        self.set(key, value);
        self
    }

    /// The value of a metadata key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        let mut pairs = self.metadata.iter().flatten();
        pairs.find_map(|(name, value)| (name == key).then_some(value.as_str()))
    }

    /// Sets a metadata key, over a value that it had.
    pub fn set(&mut self, key: &str, value: &str) {
        let metadata = self.metadata.get_or_insert_default();
        match metadata.iter_mut().find(|(name, _)| name == key) {
            Some((_, old)) => value.clone_into(old),
            None => metadata.push((key.to_owned(), value.to_owned())),
        }
    }
}

/// Why a broker does not do what it is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// Nothing came in time.
    Timeout,
    /// There is no connection.
    Connection(String),
    /// It is forbidden.
    PermissionDenied(String),
    /// Anything else.
    Other(String),
}

/// Messages that arrive. Nothing arrives any more once this is dropped.
pub struct Deliveries(BoxStream<'static, Message>);

impl Deliveries {
    fn new(messages: impl Stream<Item = Message> + Send + 'static) -> Self {
        Self(messages.boxed())
    }

    /// The next message; none when the broker is gone. Nothing is lost when this is dropped before it is ready.
    pub async fn recv(&mut self) -> Option<Message> {
        self.0.next().await
    }
}

impl fmt::Debug for Deliveries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Deliveries")
    }
}

/// Messages that wait for a subscriber before further ones are dropped.
const BACKLOG: usize = 65_536;

/// One of the brokers.
#[derive(Debug, Clone)]
pub enum Broker {
    /// In this process.
    Memory(Memory),
    /// A NATS server.
    Nats(Nats),
}

impl Broker {
    /// Publishes a message on a topic.
    pub async fn publish(&self, topic: &str, message: Message) -> Result<(), Error> {
        if topic.is_empty() {
            return Err(Error::Other("a topic cannot be empty".into()));
        }
        match self {
            Broker::Memory(memory) => {
                let published = memory.publish(topic, &message);
                memory.hold_publisher(topic).await;
                published
            }
            Broker::Nats(nats) => nats.publish(topic, message).await,
        }
    }

    /// Receives what is published on a topic from now on. Subscribers of one `queue` share its messages.
    pub async fn subscribe(&self, topic: &str, queue: Option<&str>) -> Result<Deliveries, Error> {
        match self {
            Broker::Memory(memory) => Ok(memory.subscribe(topic, queue)),
            Broker::Nats(nats) => nats.subscribe(topic, queue).await,
        }
    }

    /// Returns when all that was published has been handed over.
    pub async fn flush(&self) -> Result<(), Error> {
        match self {
            Broker::Memory(_) => Ok(()),
            Broker::Nats(nats) => nats.flush().await,
        }
    }
}
