//! A part without a guest: a test calls it as guest and interceptor do.

use super::scripted::{Message, Running};
use crate::support::root;
use std::fs;
use wasmtime::component::{ComponentType, Lift, Lower, Resource};

const IN_HAND: &str = "msgcompose:wasmcloud/in-hand@0.1.0";
const CONSUMER: &str = "wasmcloud:messaging/consumer@0.2.0";

#[derive(ComponentType, Lift, Lower)]
#[component(record)]
struct BrokerMessage {
    subject: String,
    body: Vec<u8>,
    #[component(name = "reply-to")]
    reply_to: Option<String>,
}

/// Starts a part.
pub fn part(name: &str) -> Running {
    let mut part = Running::new(&fs::read(root().join("adapters/wasmcloud-over-messaging").join(name)).unwrap());
    part.store.data_mut().config =
        vec![("client".into(), "default".into()), ("reply-to-key".into(), "reply-to".into())];
    part
}

impl Running {
    pub fn take(&mut self, text: &str) -> String {
        let message = self.message(Message::of(text));
        let take = self.function::<(Resource<Message>,), (String,)>(IN_HAND, "take");
        take.call(&mut self.store, (message,)).unwrap().0
    }

    pub fn release(&mut self, token: &str) {
        let release = self.function::<(&str,), ()>(IN_HAND, "release");
        release.call(&mut self.store, (token,)).unwrap();
    }

    pub fn publish(&mut self, subject: &str, body: &str) -> Result<(), String> {
        let message = BrokerMessage { subject: subject.to_owned(), body: body.into(), reply_to: None };
        let publish = self.function::<(BrokerMessage,), (Result<(), String>,)>(CONSUMER, "publish");
        publish.call(&mut self.store, (message,)).unwrap().0
    }
}
