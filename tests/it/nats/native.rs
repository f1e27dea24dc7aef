//! Native peers: clients, listeners and responders by `async-nats`.

use crate::nats::PATIENCE;
use async_nats::{Client, ConnectOptions, HeaderMap, Subscriber};
use futures::StreamExt;
use std::{
    sync::LazyLock,
    time::{Duration, Instant},
};
use tokio::runtime::Runtime;

/// All native peers of all tests.
static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap());

/// Waits for a future, and fails after a while.
pub fn wait_for<T>(what: &str, future: impl Future<Output = T>) -> T {
    RUNTIME
        .block_on(async { tokio::time::timeout(PATIENCE, future).await })
        .unwrap_or_else(|_| panic!("in vain: {what}"))
}

/// A message, as sent or as received.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Message {
    pub topic: String,
    pub data: Vec<u8>,
    /// Names and values, sorted. A received message may have none.
    pub headers: Vec<(String, String)>,
    /// Whether there were headers at all, even if none.
    pub has_headers: bool,
    pub reply: Option<String>,
}

impl Message {
    pub fn new(topic: &str, data: impl Into<Vec<u8>>) -> Self {
        Self { topic: topic.into(), data: data.into(), ..Self::default() }
    }

    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.data).into_owned()
    }

    /// Returns the value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    fn header_map(&self) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in &self.headers {
            map.append(name.as_str(), value.as_str());
        }
        map
    }
}

impl From<async_nats::Message> for Message {
    fn from(message: async_nats::Message) -> Self {
        let headers = message.headers.iter().flat_map(HeaderMap::iter);
        let each = headers.flat_map(|(name, values)| values.iter().map(|value| (name.to_string(), value.to_string())));
        let mut headers: Vec<_> = each.collect();
        headers.sort();
        Self {
            topic: message.subject.to_string(),
            data: message.payload.to_vec(),
            headers,
            has_headers: message.headers.is_some(),
            reply: message.reply.map(|reply| reply.to_string()),
        }
    }
}

/// A native client.
#[derive(Clone)]
pub struct Native(pub Client);

impl Native {
    pub fn connect(url: &str) -> Self {
        Self::connect_with(url, ConnectOptions::new())
    }

    pub fn connect_with(url: &str, options: ConnectOptions) -> Self {
        Self(wait_for("a native client connects", options.retry_on_initial_connect().connect(url)).unwrap())
    }

    /// Sends a message, and waits until the server has it.
    pub fn send(&self, message: &Message) {
        wait_for("sending", async {
            self.publish(message).await;
            self.0.flush().await.unwrap();
        });
    }

    async fn publish(&self, message: &Message) {
        let (topic, data) = (message.topic.clone(), message.data.clone().into());
        let sent = match (&message.reply, message.headers.is_empty()) {
            (None, true) => self.0.publish(topic, data).await,
            (None, false) => self.0.publish_with_headers(topic, message.header_map(), data).await,
            (Some(reply), true) => self.0.publish_with_reply(topic, reply.clone(), data).await,
            (Some(reply), false) => {
                self.0.publish_with_reply_and_headers(topic, reply.clone(), message.header_map(), data).await
            }
        };
        sent.unwrap();
    }

    /// Sends a request, and returns its reply.
    pub fn ask(&self, message: &Message) -> Message {
        self.gather(message, 1, PATIENCE).pop().unwrap_or_else(|| panic!("no reply to {message:?}"))
    }

    /// Sends a request, and returns the replies that come in time, at most so many.
    pub fn gather(&self, message: &Message, most: usize, within: Duration) -> Vec<Message> {
        let message = Message { reply: Some(self.0.new_inbox()), ..message.clone() };
        let mut listener = self.listen(message.reply.as_ref().unwrap());
        self.send(&message);
        let deadline = Instant::now() + within;
        let next = |_| listener.within(deadline.saturating_duration_since(Instant::now()));
        // A status without data, such as "no responders", is no reply.
        (0..most).map_while(next).collect()
    }

    /// Subscribes, and waits until the server knows.
    pub fn listen(&self, pattern: &str) -> Listener {
        wait_for("subscribing", async {
            let subscriber = self.0.subscribe(pattern.to_owned()).await.unwrap();
            self.0.flush().await.unwrap();
            Listener(subscriber)
        })
    }

    /// Answers each message of a pattern with what a function returns, until the test ends.
    pub fn respond<F>(&self, pattern: &str, answers: F)
    where
        F: Fn(&Message) -> Vec<Message> + Send + 'static,
    {
        let (mut listener, native) = (self.listen(pattern), self.clone());
        RUNTIME.spawn(async move {
            while let Some(message) = listener.0.next().await {
                let message = Message::from(message);
                let Some(reply) = &message.reply else { continue };
                for answer in answers(&message) {
                    native.publish(&Message { topic: reply.clone(), ..answer }).await;
                }
            }
        });
    }
}

/// A native subscription.
pub struct Listener(pub Subscriber);

impl Listener {
    /// Waits for the next message.
    pub fn next(&mut self) -> Message {
        wait_for("a message", self.0.next()).expect("the subscription goes on").into()
    }

    /// Returns the next message if it comes in time, and is no mere status.
    pub fn within(&mut self, time: Duration) -> Option<Message> {
        let next = RUNTIME.block_on(async { tokio::time::timeout(time, self.0.next()).await });
        next.ok().flatten().filter(|message| message.status.is_none()).map(Message::from)
    }
}
