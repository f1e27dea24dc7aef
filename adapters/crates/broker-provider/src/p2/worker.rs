//! The worker's side: gives out the messages of the subscriptions, one after another, until it is to stop.

use super::{
    clock::{Instant, NEVER, after, now, wait},
    connection::{Connection, Woken},
    state::State,
};
use crate::{
    Provider,
    bindings::{
        exports::{
            msgcompose::broker::deliveries::{Guest, Orders},
            wasi::messaging::types::{Error, Message as Handle},
        },
        wasi::{
            cli::stdin::get_stdin,
            io::streams::{InputStream, StreamError},
        },
    },
    error::described,
    message::Message,
    settings::Settings,
    stderr::say,
};
use alloc::string::String;
use broker::Session;
use imports::io::poll::Pollable;
use message::decimal;
use trace::trace;

/// Pauses between attempts to connect again, in milliseconds.
const FIRST_PAUSE: u64 = 100;
const LONGEST_PAUSE: u64 = 2_000;

/// What is read of standard input at once, in bytes. Nobody looks at it.
const PIECE: u64 = 4 << 10;

/// What the worker has done, and how it ends.
#[derive(Default)]
pub struct Worker {
    handled: u64,
    failed: u64,
    /// The topic and ticket of the message that the handler has.
    in_hand: Option<(String, u64)>,
    /// After how many messages it stops.
    max_messages: Option<u64>,
    /// After how many milliseconds without a message it stops.
    idle_ms: Option<u64>,
    /// Since when it has waited for a message; none if it has not.
    idle_since: Option<Instant>,
    /// The time of the last sign of life that was asked for and has not come.
    pinged_at: Option<Instant>,
    /// Whether the subscriptions are ended, and why.
    stopping: Option<&'static str>,
    /// Standard input, if its end stops the worker.
    stdin: Option<(Pollable, InputStream)>,
}

impl Guest for Provider {
    fn begin(orders: Orders) -> Result<(), ()> {
        begin(orders).map_err(|error| say(&described(&error)))
    }

    fn next(outcome: Option<Result<(), Error>>) -> Result<Option<Handle>, ()> {
        let mut state = State::get().map_err(|error| say(&described(&error)))?;
        let (connection, worker) = state.parts().map_err(|error| say(&described(&error)))?;
        if let Some(outcome) = outcome {
            worker.settle(connection, outcome);
        }
        match worker.next(connection) {
            Ok(Some(message)) => Ok(Some(Handle::new(message))),
            Ok(None) => {
                worker.summarise(connection);
                Ok(None)
            }
            Err(error) => {
                say(&described(&error));
                worker.summarise(connection);
                Err(())
            }
        }
    }
}

fn begin(orders: Orders) -> Result<(), broker::Error> {
    let (settings, start) = (Settings::get()?, now());
    let mut state = State::get()?;
    let (connection, worker) = state.parts()?;
    for pattern in &orders.subscriptions {
        connection.session.subscribe(pattern, orders.group.as_deref());
    }
    connection.open(start, NEVER)?;
    connection.flush(after(start, settings.limit("connect-timeout-ms")))?;
    if orders.until_stdin_ends {
        let stdin = get_stdin();
        worker.stdin = Some((stdin.subscribe(), stdin));
    }
    (worker.max_messages, worker.idle_ms) = (orders.max_messages, orders.idle_ms);
    Ok(())
}

impl Worker {
    /// Takes how the handler ended.
    fn settle(&mut self, connection: &mut Connection, outcome: Result<(), Error>) {
        let Some((topic, ticket)) = self.in_hand.take() else { return };
        self.handled += 1;
        let error = outcome.err().map(broker_error);
        if let Some(error) = &error {
            self.failed += 1;
            let [kind, text] = described(error);
            say(&["the handler failed on `", &topic, "`: ", kind, text]);
        }
        connection.session.settle(ticket, error.as_ref().map_or(Ok(()), Err));
        self.idle_since = None;
    }

    /// Waits for the next message. Returns none when the worker is to stop and has nothing left to give out.
    fn next(&mut self, connection: &mut Connection) -> Result<Option<Message>, broker::Error> {
        let settings = Settings::get()?;
        let bound = settings.limit("connect-timeout-ms");
        loop {
            if let Some(delivery) = connection.session.delivery() {
                self.in_hand = Some((delivery.topic.clone(), delivery.ticket));
                return Ok(Some(Message::delivered(delivery)));
            }
            if !connection.is_open() {
                if self.stopping.is_some() {
                    return Ok(None);
                }
                self.reconnect(connection, settings)?;
                continue;
            }
            if self.stopping.is_some() && !connection.session.is_pinging() {
                return Ok(None);
            }
            if self.stopping.is_none() {
                self.stopping = self.reason(connection);
                if let Some(reason) = self.stopping {
                    say(&["stops: ", reason]);
                    connection.session.drain();
                    // If the connection ends now, there is nothing to wait for.
                    let _ = connection.flush(after(now(), bound));
                    continue;
                }
            }
            // What has come already needs no wait.
            match connection.take_in() {
                Ok(false) => {}
                // A broken connection is seen at the next turn.
                Ok(true) | Err(broker::Error::Connection(_) | broker::Error::Timeout) => {
                    self.pinged_at = None;
                    continue;
                }
                Err(error) => return Err(error),
            }
            self.wait(connection, settings)?;
        }
    }

    /// Returns why the worker is to stop.
    fn reason(&self, connection: &Connection) -> Option<&'static str> {
        if self.max_messages.is_some_and(|most| self.handled >= most) {
            return Some("`max-messages` were handled");
        }
        if self.stdin_has_ended() {
            return Some("standard input has ended");
        }
        connection.session.is_leaving().then_some("the server is about to leave")
    }

    /// Waits until something comes. Asks for a sign of life if nothing does for long.
    fn wait(&mut self, connection: &mut Connection, settings: Settings) -> Result<(), broker::Error> {
        let start = now();
        let since = *self.idle_since.get_or_insert(start);
        let bound = settings.limit("connect-timeout-ms");
        let idle = match self.stopping {
            None => after(since, self.idle_ms),
            Some(_) => after(start, bound),
        };
        let alive = after(self.pinged_at.unwrap_or(start), settings.limit("keep-alive-ms"));
        let stdin = self.stdin.as_ref().map(|(ready, _)| ready);
        match connection.pump(stdin, idle.min(alive)) {
            Ok(Woken::Read) => self.pinged_at = None,
            Ok(Woken::Other) => {}
            Ok(Woken::Late) if idle <= alive && self.stopping.is_some() => connection.close(),
            Ok(Woken::Late) if idle <= alive => {
                say(&["stops: no message came for `idle-ms`"]);
                self.stopping = Some("");
                connection.session.drain();
                let _ = connection.flush(after(now(), bound));
            }
            Ok(Woken::Late) if self.pinged_at.is_some() => {
                say(&["the server gives no sign of life"]);
                connection.close();
            }
            Ok(Woken::Late) => {
                self.pinged_at = Some(now());
                connection.session.ping();
                let _ = connection.flush(after(now(), bound));
            }
            Err(broker::Error::Connection(_) | broker::Error::Timeout) => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// Connects again, with pauses between the attempts.
    fn reconnect(&mut self, connection: &mut Connection, settings: Settings) -> Result<(), broker::Error> {
        say(&["the connection was lost"]);
        self.pinged_at = None;
        let mut pause = FIRST_PAUSE;
        let mut attempts = 0;
        loop {
            let until = after(now(), settings.limit("connect-timeout-ms"));
            match connection.try_all(until) {
                Ok(()) => {
                    say(&["connected again"]);
                    return Ok(());
                }
                Err(broker::Error::Connection(reason)) => {
                    attempts += 1;
                    if settings.limit("max-reconnects").is_some_and(|most| attempts >= most) {
                        let text = [&*reason, " (`max-reconnects` attempts)"].concat();
                        return Err(broker::Error::Connection(text));
                    }
                }
                Err(error) => return Err(error),
            }
            if self.stdin_has_ended() {
                self.stopping = Some("standard input has ended");
                return Ok(());
            }
            trace!("pause-ms=", pause);
            wait(&[], after(now(), Some(pause)));
            pause = LONGEST_PAUSE.min(2 * pause);
        }
    }

    /// Reads what is there of standard input. Returns whether it has ended.
    fn stdin_has_ended(&self) -> bool {
        let Some((_, stdin)) = &self.stdin else { return false };
        loop {
            match stdin.read(PIECE) {
                Ok(bytes) if bytes.is_empty() => return false,
                Ok(_) => {}
                Err(StreamError::Closed | StreamError::LastOperationFailed(_)) => return true,
            }
        }
    }

    /// Says what was done.
    fn summarise(&self, connection: &mut Connection) {
        connection.close();
        let numbers = [self.handled, self.failed, connection.session.dropped(), connection.made.saturating_sub(1)];
        let [handled, failed, dropped, again] = numbers.map(decimal);
        say(&["handled ", &handled, ", failed ", &failed, ", dropped ", &dropped, ", connected again ", &again]);
    }
}

fn broker_error(error: Error) -> broker::Error {
    match error {
        Error::Timeout => broker::Error::Timeout,
        Error::Connection(text) => broker::Error::Connection(text),
        Error::PermissionDenied(text) => broker::Error::PermissionDenied(text),
        Error::Other(text) => broker::Error::Other(text),
    }
}
