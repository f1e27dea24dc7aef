//! Events, for whoever watches: the command line prints them, and tests check them.

use crate::broker::{Error, Message};
use std::fmt;
use tokio::sync::mpsc;

/// An event.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// A component sent a message.
    Sent {
        /// The component.
        app: String,
        /// The name of the client that it used.
        client: String,
        /// The topic.
        topic: String,
        /// The message.
        message: Message,
        /// The broker's result.
        result: Result<(), Error>,
    },
    /// A component handled a message.
    Handled {
        /// The component.
        app: String,
        /// The topic.
        topic: String,
        /// How the call ended.
        outcome: Outcome,
    },
    /// A component handled an HTTP request.
    Answered {
        /// The component.
        app: String,
        /// The request's method.
        method: String,
        /// The request's path and query.
        path: String,
        /// The status of the response.
        status: u16,
        /// How the call ended. A component can still fail after it has sent the response.
        outcome: Outcome,
    },
    /// A shared instance trapped while it handled nothing, in work that a handler had left running. A fresh instance
    /// took its place.
    Trapped {
        /// The component.
        app: String,
        /// The trap.
        trap: String,
    },
    /// A shared instance trapped in a call after one of its calls had returned. So the component may rely on a fresh
    /// instance for each message or request. This comes before the event of the call that trapped.
    TrappedOnReuse {
        /// The component.
        app: String,
    },
    /// A component's `wasi:cli/run` returned.
    Ran {
        /// The component.
        app: String,
        /// How the call ended.
        outcome: Outcome,
    },
}

/// How a call of a component ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The call succeeded.
    Ok,
    /// The call returned an error of the interface.
    Failed(Error),
    /// The call trapped.
    Trapped(String),
}

/// Where events go. The channel is unbounded: no event is dropped and no sender waits, so the receiver must keep up.
pub type Watcher = mpsc::UnboundedSender<Event>;

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Event::Sent { app, topic, message, result: Ok(()), .. } => write!(f, "{app} sent {topic} {message}"),
            Event::Sent { app, topic, result: Err(error), .. } => write!(f, "{app} failed to send {topic}: {error}"),
            Event::Handled { app, topic, outcome } => write!(f, "{app} handled {topic}: {outcome}"),
            Event::Answered { app, method, path, status, outcome: Outcome::Ok } => {
                write!(f, "{app} answered {method} {path}: {status}")
            }
            Event::Answered { app, method, path, status, outcome } => {
                write!(f, "{app} answered {method} {path}: {status}, {outcome}")
            }
            Event::Trapped { app, trap } => write!(f, "{app} trapped between calls: {trap}"),
            Event::TrappedOnReuse { app } => write!(
                f,
                "{app} traps in the second call of an instance, and not in the first: it may rely on a fresh instance for \
                 each call"
            ),
            Event::Ran { app, outcome } => write!(f, "{app} ran: {outcome}"),
        }
    }
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        /// The number of data bytes to show.
        const SHOWN: usize = 200;

        let data = &self.data[..self.data.len().min(SHOWN)];
        match std::str::from_utf8(data) {
            Ok(text) => write!(f, "{text:?}")?,
            Err(_) => write!(f, "{:?}", data.escape_ascii().to_string())?,
        }
        if self.data.len() > SHOWN {
            write!(f, "… ({} bytes)", self.data.len())?;
        }
        for (key, value) in self.metadata.iter().flatten() {
            write!(f, " {key}={value}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Outcome::Ok => f.write_str("ok"),
            Outcome::Failed(error) => write!(f, "error: {error}"),
            Outcome::Trapped(trap) => write!(f, "trap: {trap}"),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Timeout => f.write_str("timeout"),
            Error::Connection(reason) => write!(f, "connection: {reason}"),
            Error::PermissionDenied(reason) => write!(f, "permission denied: {reason}"),
            Error::Other(reason) => f.write_str(reason),
        }
    }
}
