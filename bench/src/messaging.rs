//! `wasi:messaging` with request/reply, and wasmCloud's messaging, as a host has them that does no more than it must.

use crate::{
    bindings::{
        wasi::messaging::{producer, request_reply, types},
        wasmcloud::wasmcloud::messaging::{consumer, types as wasmcloud},
    },
    host::{Client, Options, State},
    message::Message,
};
use wasmtime::{Result, component::Resource};

impl types::Host for State {}

impl types::HostClient for State {
    fn connect(&mut self, _: String) -> Result<Result<Resource<Client>, types::Error>> {
        Ok(Ok(self.table.push(Client)?))
    }

    fn disconnect(&mut self, _: Resource<Client>) -> Result<Result<(), types::Error>> {
        Ok(Ok(()))
    }

    fn drop(&mut self, client: Resource<Client>) -> Result<()> {
        self.table.delete(client)?;
        Ok(())
    }
}

impl types::HostMessage for State {
    fn new(&mut self, data: Vec<u8>) -> Result<Resource<Message>> {
        Ok(self.table.push(Message::new(data))?)
    }

    fn topic(&mut self, message: Resource<Message>) -> Result<Option<String>> {
        Ok(self.table.get(&message)?.topic.clone())
    }

    fn content_type(&mut self, message: Resource<Message>) -> Result<Option<String>> {
        Ok(self.table.get(&message)?.content_type.clone())
    }

    fn set_content_type(&mut self, message: Resource<Message>, content_type: String) -> Result<()> {
        self.table.get_mut(&message)?.content_type = Some(content_type);
        Ok(())
    }

    fn data(&mut self, message: Resource<Message>) -> Result<Vec<u8>> {
        Ok(self.table.get(&message)?.data.clone())
    }

    fn set_data(&mut self, message: Resource<Message>, data: Vec<u8>) -> Result<()> {
        self.table.get_mut(&message)?.data = data;
        Ok(())
    }

    fn metadata(&mut self, message: Resource<Message>) -> Result<Option<types::Metadata>> {
        Ok(self.table.get(&message)?.metadata.clone())
    }

    fn add_metadata(&mut self, message: Resource<Message>, key: String, value: String) -> Result<()> {
        self.table.get_mut(&message)?.set(&key, &value);
        Ok(())
    }

    fn set_metadata(&mut self, message: Resource<Message>, metadata: types::Metadata) -> Result<()> {
        self.table.get_mut(&message)?.metadata = Some(metadata);
        Ok(())
    }

    fn remove_metadata(&mut self, message: Resource<Message>, key: String) -> Result<()> {
        if let Some(metadata) = &mut self.table.get_mut(&message)?.metadata {
            metadata.retain(|(name, _)| *name != key);
        }
        Ok(())
    }

    fn drop(&mut self, message: Resource<Message>) -> Result<()> {
        self.table.delete(message)?;
        Ok(())
    }
}

impl producer::Host for State {
    async fn send(
        &mut self,
        _: Resource<Client>,
        _: String,
        message: Resource<Message>,
    ) -> Result<Result<(), types::Error>> {
        let message = self.table.delete(message)?;
        self.sent(message).await?;
        Ok(Ok(()))
    }
}

impl request_reply::Host for State {
    fn request(
        &mut self,
        _: Resource<Client>,
        _: String,
        message: Resource<Message>,
        options: Option<Resource<Options>>,
    ) -> Result<Result<Vec<Resource<Message>>, types::Error>> {
        if let Some(options) = options {
            self.table.delete(options)?;
        }
        let data = self.table.get(&message)?.data.clone();
        self.requests_answered += 1;
        Ok(Ok(vec![self.table.push(Message::new(data))?]))
    }

    fn reply(&mut self, _: Resource<Message>, message: Resource<Message>) -> Result<Result<(), types::Error>> {
        self.table.delete(message)?;
        self.messages_sent += 1;
        Ok(Ok(()))
    }
}

impl request_reply::HostRequestOptions for State {
    fn new(&mut self) -> Result<Resource<Options>> {
        Ok(self.table.push(Options)?)
    }

    fn set_timeout_ms(&mut self, _: Resource<Options>, _: u32) -> Result<()> {
        Ok(())
    }

    fn set_expected_replies(&mut self, _: Resource<Options>, _: u32) -> Result<()> {
        Ok(())
    }

    fn drop(&mut self, options: Resource<Options>) -> Result<()> {
        self.table.delete(options)?;
        Ok(())
    }
}

impl wasmcloud::Host for State {}

impl consumer::Host for State {
    fn request(&mut self, subject: String, body: Vec<u8>, _: u32) -> Result<Result<wasmcloud::BrokerMessage, String>> {
        self.requests_answered += 1;
        Ok(Ok(wasmcloud::BrokerMessage { subject, body, reply_to: None }))
    }

    fn publish(&mut self, _: wasmcloud::BrokerMessage) -> Result<Result<(), String>> {
        self.messages_sent += 1;
        Ok(Ok(()))
    }
}
