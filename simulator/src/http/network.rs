//! The servers that the component's requests reach: streams in memory, and what stands at their other end.

use super::{
    peer::{LIMIT, Pace, send},
    wire::{chunk, read},
};
use crate::dice::Dice;
use msgcompose_host::outgoing::{Connect, Stream};
use std::{
    future::pending,
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::io::{AsyncWriteExt, DuplexStream, split};

/// What a server does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Nothing wrong.
    Whole,
    /// Sends interim responses first.
    Interim,
    /// Takes no connection.
    Refused,
    /// Closes before it has read the request.
    Closed,
    /// Closes within the head.
    CutHead,
    /// Closes within the body.
    CutBody,
    /// Stops within the head, and stays.
    SilentHead,
    /// Stops within the body, and stays.
    SilentBody,
    /// Sends too slowly.
    Slow,
    /// Sends more than it said.
    More,
    /// Responds before it has read the request, which it never reads.
    Early,
    /// Sends what is not HTTP.
    Garbage,
    /// Sends thousands of headers.
    ManyHeaders,
    /// Sends a body without an end.
    Endless,
    /// Sends this status.
    Status(u16),
}

/// The server of the exchange that is under way.
#[derive(Debug, Default)]
pub struct Servers(Mutex<State>);

#[derive(Debug, Default)]
pub struct State {
    /// What the next connection meets.
    pub script: Option<Script>,
    /// What came that should not have come.
    pub strays: Vec<String>,
    /// The number of bytes of an endless body that were taken.
    pub sent: usize,
}

/// What a server sends, and the message that it should get.
#[derive(Debug, Clone)]
pub struct Script {
    /// What it does.
    pub fault: Fault,
    /// What it sends.
    pub bytes: Vec<u8>,
    /// The message that it should get.
    pub message: Vec<u8>,
    /// The size of its buffers.
    pub buffer: usize,
    /// Where its pace is drawn from.
    pub dice: Dice,
}

impl Servers {
    /// Locks what changes. A poisoned lock is fine: the panic is reported.
    pub fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns what came that should not have come.
    pub fn strays(&self) -> Vec<String> {
        let mut state = self.state();
        state.script = None;
        std::mem::take(&mut state.strays)
    }
}

/// The servers of a world, for the host.
#[derive(Debug)]
pub struct Network(pub Arc<Servers>);

impl Connect for Network {
    fn connect(&self, _: &str) -> io::Result<Box<dyn Stream>> {
        let mut state = self.0.state();
        let Some(script) = state.script.take() else {
            state.strays.push("it sent something that nobody asked for".to_owned());
            return Err(io::ErrorKind::ConnectionRefused.into());
        };
        if script.fault == Fault::Refused {
            return Err(io::ErrorKind::ConnectionRefused.into());
        }
        let (ours, theirs) = tokio::io::duplex(script.buffer);
        let servers = Arc::clone(&self.0);
        tokio::spawn(async move { play(script, ours, &servers).await });
        Ok(Box::new(theirs))
    }
}

/// Serves one connection.
async fn play(script: Script, stream: DuplexStream, servers: &Servers) {
    let Script { fault, bytes, message, mut dice, .. } = script;
    if fault == Fault::Closed {
        return;
    }
    let (mut reading, mut writing) = split(stream);
    if fault != Fault::Early {
        let received = read(&mut reading).await;
        if !received.is_some_and(|received| received.complete && received.body == message) {
            servers.state().strays.push("it sent a part of a message, or another one".to_owned());
        }
    }
    let pace = match fault {
        Fault::Slow => Pace::Within(Duration::from_mins(1)),
        _ => Pace::draw(&mut dice),
    };
    send(&mut writing, &bytes, pace, dice).await;
    match fault {
        Fault::SilentHead | Fault::SilentBody | Fault::Early => pending().await,
        Fault::Endless => {
            let piece = chunk(&[b'x'; 4_096]);
            while servers.state().sent < 100 * LIMIT && writing.write_all(&piece).await.is_ok() {
                servers.state().sent += piece.len();
            }
        }
        _ => {}
    }
}
