//! `wasmcloud:messaging@0.3.0`: async functions, bodies as streams, and typed errors.

use crate::{
    Provider,
    bindings::{
        exports::{
            msgcompose::wasmcloud::in_hand_async::Guest as InHand,
            wasmcloud::messaging::{
                consumer::Guest,
                types::{BrokerMessage, Error},
            },
        },
        wit_stream,
    },
    in_hand, outgoing,
};
use alloc::{string::String, vec::Vec};
use imports::messaging::types::{self, Message};
use wit_bindgen::{StreamReader, StreamResult, spawn_local};

/// The largest body, as on wasmCloud's own host.
const MAX_BODY: usize = 16 << 20;

impl InHand for Provider {
    async fn take(message: Message) -> String {
        in_hand::take(message)
    }

    async fn release(token: String) {
        in_hand::release(&token);
    }
}

impl Guest for Provider {
    async fn request(subject: String, body: StreamReader<u8>, timeout_ms: Option<u32>) -> Result<BrokerMessage, Error> {
        let body = read(body).await?;
        let reply = outgoing::request(&subject, &body, timeout_ms).await.map_err(failed)?;
        Ok(BrokerMessage { subject: reply.topic().unwrap_or(subject), body: written(reply.data()), reply_to: None })
    }

    async fn publish(message: BrokerMessage) -> Result<(), Error> {
        let BrokerMessage { subject, body, reply_to } = message;
        let body = read(body).await?;
        outgoing::publish(&subject, &body, reply_to.as_deref()).map_err(failed)
    }
}

/// Reads a body to its end.
async fn read(mut body: StreamReader<u8>) -> Result<Vec<u8>, Error> {
    let mut data = Vec::new();
    loop {
        if data.len() == data.capacity() {
            data.reserve(PIECE);
        }
        let (status, read) = body.read(data).await;
        data = read;
        if data.len() > MAX_BODY {
            return Err(Error::MessageTooLarge);
        }
        if !matches!(status, StreamResult::Complete(_)) {
            return Ok(data);
        }
    }
}

/// How many bytes are read at once at least.
const PIECE: usize = 4096;

/// Returns a stream with this body. It is written while the guest reads it, or until it drops it.
fn written(body: Vec<u8>) -> StreamReader<u8> {
    let (mut writer, reader) = wit_stream::new();
    spawn_local(async move {
        writer.write_all(body).await;
    });
    reader
}

fn failed(error: types::Error) -> Error {
    match error {
        types::Error::Timeout => Error::Timeout,
        types::Error::Connection(_) => Error::BrokerUnavailable,
        types::Error::PermissionDenied(_) => Error::AccessDenied,
        types::Error::Other(why) => Error::Other(why),
    }
}
