//! `wasi:messaging/types` and `producer` over the [broker](crate::broker).

use crate::{
    bindings::{
        exports::wasi::messaging::incoming_handler as guest,
        wasi::messaging::{producer, types},
    },
    broker::{Error, Message},
    events::Event,
    state::State,
};
use wasmtime::{Result, component::Resource};

/// A connection that a component asked for, by the name that it used. All lead to the one broker that there is.
#[derive(Debug)]
pub struct Client(String);

impl From<Error> for types::Error {
    fn from(error: Error) -> Self {
        match error {
            Error::Timeout => Self::Timeout,
            Error::Connection(reason) => Self::Connection(reason),
            Error::PermissionDenied(reason) => Self::PermissionDenied(reason),
            Error::Other(reason) => Self::Other(reason),
        }
    }
}

impl From<guest::Error> for Error {
    fn from(error: guest::Error) -> Self {
        match error {
            guest::Error::Timeout => Self::Timeout,
            guest::Error::Connection(reason) => Self::Connection(reason),
            guest::Error::PermissionDenied(reason) => Self::PermissionDenied(reason),
            guest::Error::Other(reason) => Self::Other(reason),
        }
    }
}

impl types::Host for State {}

impl types::HostClient for State {
    async fn connect(&mut self, name: String) -> Result<Result<Resource<Client>, types::Error>> {
        Ok(Ok(self.table.push(Client(name))?))
    }

    async fn disconnect(&mut self, client: Resource<Client>) -> Result<Result<(), types::Error>> {
        self.table.get(&client)?;
        Ok(Ok(()))
    }

    async fn drop(&mut self, client: Resource<Client>) -> Result<()> {
        self.table.delete(client)?;
        Ok(())
    }
}

impl types::HostMessage for State {
    async fn new(&mut self, data: Vec<u8>) -> Result<Resource<Message>> {
        Ok(self.table.push(Message::new(data))?)
    }

    async fn topic(&mut self, message: Resource<Message>) -> Result<Option<String>> {
        Ok(self.table.get(&message)?.topic.clone())
    }

    async fn content_type(&mut self, message: Resource<Message>) -> Result<Option<String>> {
        Ok(self.table.get(&message)?.content_type.clone())
    }

    async fn set_content_type(&mut self, message: Resource<Message>, content_type: String) -> Result<()> {
        self.table.get_mut(&message)?.content_type = Some(content_type);
        Ok(())
    }

    async fn data(&mut self, message: Resource<Message>) -> Result<Vec<u8>> {
        Ok(self.table.get(&message)?.data.clone())
    }

    async fn set_data(&mut self, message: Resource<Message>, data: Vec<u8>) -> Result<()> {
        self.table.get_mut(&message)?.data = data;
        Ok(())
    }

    async fn metadata(&mut self, message: Resource<Message>) -> Result<Option<types::Metadata>> {
        Ok(self.table.get(&message)?.metadata.clone())
    }

    async fn add_metadata(&mut self, message: Resource<Message>, key: String, value: String) -> Result<()> {
        self.table.get_mut(&message)?.set(&key, &value);
        Ok(())
    }

    async fn set_metadata(&mut self, message: Resource<Message>, metadata: types::Metadata) -> Result<()> {
        self.table.get_mut(&message)?.metadata = Some(metadata);
        Ok(())
    }

    async fn remove_metadata(&mut self, message: Resource<Message>, key: String) -> Result<()> {
        if let Some(metadata) = &mut self.table.get_mut(&message)?.metadata {
            metadata.retain(|(name, _)| *name != key);
        }
        Ok(())
    }

    async fn drop(&mut self, message: Resource<Message>) -> Result<()> {
        self.table.delete(message)?;
        Ok(())
    }
}

impl producer::Host for State {
    async fn send(
        &mut self,
        client: Resource<Client>,
        topic: String,
        message: Resource<Message>,
    ) -> Result<Result<(), types::Error>> {
        let client = self.table.get(&client)?.0.clone();
        let message = self.table.delete(message)?;
        let result = self.services.broker.publish(&topic, message.clone()).await;
        let event = Event::Sent { app: self.app.to_string(), client, topic, message, result: result.clone() };
        // Nobody need be watching.
        let _ = self.services.watcher.send(event);
        Ok(result.map_err(Into::into))
    }
}
