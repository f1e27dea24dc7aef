//! `wasi:messaging/types` and `producer` over the [broker](crate::broker).
//!
//! `connect` and `send` are sync or async, as the component imports them. The engine does not accept one for the other.

use crate::{
    bindings::{
        exports::wasi::messaging::incoming_handler as guest,
        wasi::messaging::{producer, types},
    },
    broker::{Error, Message},
    client::Client,
    events::Event,
    state::{Services, State},
};
use std::sync::Arc;
use wasmtime::{
    Result,
    component::{Component, Linker, Resource, types::ComponentItem},
};

const TYPES: &str = "wasi:messaging/types@0.2.0-draft";
const CONNECT: &str = "[static]client.connect";
const PRODUCER: &str = "wasi:messaging/producer@0.2.0-draft";
const SEND: &str = "send";

/// A message that is being sent.
struct Sending {
    app: Arc<str>,
    services: Arc<Services>,
    client: String,
    topic: String,
    message: Message,
}

/// Links both interfaces in the component's dialect.
pub fn add_to_linker(linker: &mut Linker<State>, component: &Component) -> Result<()> {
    types::add_to_linker::<_, State>(linker, |state| state)?;
    producer::add_to_linker::<_, State>(linker, |state| state)?;
    linker.allow_shadowing(true);
    if imports_async(component, TYPES, CONNECT) {
        linker.instance(TYPES)?.func_wrap_concurrent(CONNECT, |accessor, (name,): (String,)| {
            Box::pin(async move { Ok((accessor.with(|mut access| access.get().client(name))?,)) })
        })?;
    }
    if imports_async(component, PRODUCER, SEND) {
        linker.instance(PRODUCER)?.func_wrap_concurrent(SEND, |accessor, (client, topic, message)| {
            Box::pin(async move {
                let sending = accessor.with(|mut access| access.get().sending(&client, topic, message))?;
                Ok((sending.publish().await,))
            })
        })?;
    }
    Ok(())
}

/// Returns whether a component imports a function as `async func`.
fn imports_async(component: &Component, interface: &str, function: &str) -> bool {
    let (component, engine) = (component.component_type(), component.engine());
    let Some(ComponentItem::ComponentInstance(interface)) =
        component.get_import(engine, interface).map(|import| import.ty)
    else {
        return false;
    };
    let function = interface.get_export(engine, function).map(|export| export.ty);
    matches!(function, Some(ComponentItem::ComponentFunc(function)) if function.async_())
}

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
        self.client(name)
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
        Ok(self.sending(&client, topic, message)?.publish().await)
    }
}

impl State {
    fn client(&mut self, name: String) -> Result<Result<Resource<Client>, types::Error>> {
        Ok(Ok(self.table.push(Client(name))?))
    }

    fn sending(&mut self, client: &Resource<Client>, topic: String, message: Resource<Message>) -> Result<Sending> {
        let client = self.table.get(client)?.0.clone();
        let message = self.table.delete(message)?;
        let (app, services) = (Arc::clone(&self.app), Arc::clone(&self.services));
        Ok(Sending { app, services, client, topic, message })
    }
}

impl Sending {
    async fn publish(self) -> Result<(), types::Error> {
        let Self { app, services, client, topic, message } = self;
        let result = services.broker.publish(&topic, message.clone()).await;
        let event = Event::Sent { app: app.to_string(), client, topic, message, result: result.clone() };
        // Nobody may be watching.
        let _ = services.watcher.send(event);
        result.map_err(Into::into)
    }
}
