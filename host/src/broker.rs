//! Brokers carry messages between components. They can publish and subscribe, nothing more.

mod memory;
mod nats;

pub use memory::{Hold, Memory};
pub use nats::Nats;

use futures::{Stream, StreamExt, future::BoxFuture, stream::BoxStream};
use std::{fmt, sync::Arc};

/// A message, on its way or in a component.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Message {
    /// The topic that it was received on; `None` if a component made the message.
    pub topic: Option<String>,
    /// The media type of the data.
    pub content_type: Option<String>,
    /// Keys and values, in order.
    pub metadata: Option<Vec<(String, String)>>,
    /// The data.
    pub data: Vec<u8>,
}

impl Message {
    /// Makes a message of data alone.
    pub fn new(data: impl Into<Vec<u8>>) -> Self {
        Self { data: data.into(), ..Self::default() }
    }

    /// Adds a metadata key to the message.
    #[must_use]
    pub fn with(mut self, key: &str, value: &str) -> Self {
        self.set(key, value);
        self
    }

    /// Returns the value of a metadata key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        let mut pairs = self.metadata.iter().flatten();
        pairs.find_map(|(name, value)| (name == key).then_some(value.as_str()))
    }

    /// Sets a metadata key, and replaces an earlier value.
    pub fn set(&mut self, key: &str, value: &str) {
        let metadata = self.metadata.get_or_insert_default();
        match metadata.iter_mut().find(|(name, _)| name == key) {
            Some((_, old)) => value.clone_into(old),
            None => metadata.push((key.to_owned(), value.to_owned())),
        }
    }
}

/// An error of a broker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// Nothing arrived in time.
    Timeout,
    /// The connection failed.
    Connection(String),
    /// The broker forbids the operation.
    PermissionDenied(String),
    /// Any other error.
    Other(String),
}

/// The messages of a subscription. Dropping this ends the subscription.
pub struct Deliveries(BoxStream<'static, Message>);

impl Deliveries {
    fn new(messages: impl Stream<Item = Message> + Send + 'static) -> Self {
        Self(messages.boxed())
    }

    /// Returns the next message, or `None` if the broker is gone. Cancelling the call loses no message.
    pub async fn recv(&mut self) -> Option<Message> {
        self.0.next().await
    }
}

impl fmt::Debug for Deliveries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Deliveries")
    }
}

/// The number of messages that may wait for a subscriber. Further messages are dropped.
const BACKLOG: usize = 65_536;

/// A broker.
#[derive(Debug, Clone)]
pub enum Broker {
    /// In the memory of this process.
    Memory(Memory),
    /// A NATS server.
    Nats(Nats),
    /// Any other broker.
    Other(Arc<dyn Publish>),
}

/// A broker that another crate implements, such as a simulated one. It calls handlers itself, so nobody subscribes.
pub trait Publish: fmt::Debug + Send + Sync {
    /// Publishes a message on a topic.
    fn publish<'a>(&'a self, topic: &'a str, message: Message) -> BoxFuture<'a, Result<(), Error>>;
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
            Broker::Other(broker) => broker.publish(topic, message).await,
        }
    }

    /// Subscribes a topic from now on. Subscribers of one `queue` share the messages.
    pub async fn subscribe(&self, topic: &str, queue: Option<&str>) -> Result<Deliveries, Error> {
        match self {
            Broker::Memory(memory) => Ok(memory.subscribe(topic, queue)),
            Broker::Nats(nats) => nats.subscribe(topic, queue).await,
            Broker::Other(_) => Err(Error::Other("this broker calls handlers itself: nobody can subscribe".into())),
        }
    }

    /// Returns when all published messages have been handed over.
    pub async fn flush(&self) -> Result<(), Error> {
        match self {
            Broker::Memory(_) | Broker::Other(_) => Ok(()),
            Broker::Nats(nats) => nats.flush().await,
        }
    }
}
