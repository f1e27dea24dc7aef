use super::{BACKLOG, Deliveries, Error, Message};
use async_nats::{Client, ConnectOptions, HeaderMap, HeaderName, HeaderValue};
use futures::StreamExt;
use std::str::FromStr;

/// The header for a message's content type. All other headers are metadata.
const CONTENT_TYPE: &str = "Content-Type";

/// A NATS server. Metadata become headers.
#[derive(Debug, Clone)]
pub struct Nats(Client);

impl Nats {
    /// Connects to a server at a URL like `nats://host:port`.
    pub async fn connect(url: &str) -> Result<Self, Error> {
        let options = ConnectOptions::new().name("msgcompose-host").subscription_capacity(BACKLOG);
        Ok(Self(options.connect(url).await.map_err(connection)?))
    }

    /// Returns the connection.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.0
    }

    pub(super) async fn publish(&self, topic: &str, message: Message) -> Result<(), Error> {
        // Check the subject here: the client would close the connection for an invalid one.
        if topic.split('.').any(str::is_empty) || topic.contains(|c: char| c.is_whitespace() || c.is_control()) {
            return Err(Error::Other(format!("`{topic}` is not a NATS subject")));
        }
        let headers = headers(&message)?;
        let data = message.data.into();
        self.0.publish_with_headers(topic.to_owned(), headers, data).await.map_err(connection)
    }

    pub(super) async fn subscribe(&self, topic: &str, queue: Option<&str>) -> Result<Deliveries, Error> {
        let topic = topic.to_owned();
        let subscriber = match queue {
            None => self.0.subscribe(topic).await,
            Some(queue) => self.0.queue_subscribe(topic, queue.to_owned()).await,
        }
        .map_err(connection)?;
        // Wait until the server knows the subscription, so that it does not miss the next message of another client.
        self.flush().await?;
        Ok(Deliveries::new(subscriber.map(received)))
    }

    pub(super) async fn flush(&self) -> Result<(), Error> {
        self.0.flush().await.map_err(connection)
    }
}

fn connection(error: impl std::fmt::Display) -> Error {
    Error::Connection(error.to_string())
}

fn headers(message: &Message) -> Result<HeaderMap, Error> {
    let mut headers = HeaderMap::new();
    let content_type = message.content_type.iter().map(|value| (CONTENT_TYPE, value));
    let metadata = message.metadata.iter().flatten().map(|(key, value)| (key.as_str(), value));
    for (key, value) in content_type.chain(metadata) {
        let cannot = |reason: &str| Error::Other(format!("metadata `{key}` cannot be a NATS header: {reason}"));
        let name = HeaderName::from_str(key).map_err(|error| cannot(&error.to_string()))?;
        let value = HeaderValue::from_str(value).map_err(|error| cannot(&error.to_string()))?;
        headers.append(name, value);
    }
    Ok(headers)
}

fn received(message: async_nats::Message) -> Message {
    let mut content_type = None;
    let mut metadata = Vec::new();
    for (name, values) in message.headers.iter().flat_map(HeaderMap::iter) {
        for value in values {
            if name.to_string() == CONTENT_TYPE {
                content_type = Some(value.to_string());
            } else {
                metadata.push((name.to_string(), value.to_string()));
            }
        }
    }
    // Sort the metadata, because the client keeps headers in no fixed order.
    metadata.sort();
    Message {
        topic: Some(message.subject.to_string()),
        content_type,
        metadata: (!metadata.is_empty()).then_some(metadata),
        data: message.payload.into(),
    }
}
