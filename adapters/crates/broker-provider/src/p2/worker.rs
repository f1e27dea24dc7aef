//! The worker's side: gives out the messages of the subscriptions, one after another, until it is to stop.

use super::{
    clock::{Instant, NEVER, Pauses, after, now, wait},
    connection::{Connection, Woken},
};
use crate::{
    bindings::{
        exports::msgcompose::broker::deliveries::Orders,
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
use alloc::{borrow::ToOwned, string::String};
use broker::{Error, Session};
use core::mem;
use imports::io::poll::Pollable;
use message::decimal;
use trace::trace;

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
    /// When the worker stops at the latest; none as long as it goes on.
    stopping: Option<Instant>,
    /// Standard input, if its end stops the worker.
    stdin: Option<(Pollable, InputStream)>,
}

impl Worker {
    /// Connects and subscribes.
    pub fn begin(&mut self, connection: &mut Connection, orders: Orders) -> Result<(), Error> {
        let (settings, start) = (Settings::get()?, now());
        if orders.subscriptions.is_empty() {
            return Err(Error::Other("`subscribe` names no topic".to_owned()));
        }
        for pattern in &orders.subscriptions {
            connection.session.subscribe(pattern, orders.group.as_deref());
        }
        connection.open(start, NEVER)?;
        connection.flush(after(start, settings.limit("connect-timeout-ms")))?;
        if orders.until_stdin_ends {
            let stdin = get_stdin();
            self.stdin = Some((stdin.subscribe(), stdin));
        }
        (self.max_messages, self.idle_ms) = (orders.max_messages, orders.idle_ms);
        say(&["serves `", &orders.subscriptions.join("`, `"), "` at ", &connection.server()]);
        Ok(())
    }

    /// Takes how the handler ended.
    pub fn settle(&mut self, connection: &mut Connection, outcome: Result<(), Error>) {
        let Some((topic, ticket)) = self.in_hand.take() else { return };
        self.handled += 1;
        if let Err(error) = &outcome {
            self.failed += 1;
            let [kind, text] = described(error);
            say(&["the handler failed on `", &topic, "`: ", kind, text]);
        }
        connection.session.settle(ticket, outcome.as_ref().copied());
        self.idle_since = None;
    }

    /// Waits for the next message. Returns none when the worker is to stop and has nothing left to give out. Then, and if it
    /// fails, says why and what was done.
    pub fn next(&mut self, connection: &mut Connection) -> Result<Option<Message>, ()> {
        let next = self.message(connection);
        if let Err(error) = &next {
            say(&described(error));
        }
        if !matches!(next, Ok(Some(_))) {
            connection.close();
            self.summarise(connection);
        }
        next.map_err(drop)
    }

    fn message(&mut self, connection: &mut Connection) -> Result<Option<Message>, Error> {
        let settings = Settings::get()?;
        if self.stopping.is_some() {
            // The handler may have taken longer than what is left.
            self.stopping = Some(after(now(), settings.limit("connect-timeout-ms")));
        }
        // Whether it was said why the connection ended. If it did in a call of the guest, the guest was told.
        let mut is_said = false;
        loop {
            if let Some(delivery) = connection.session.delivery() {
                self.in_hand = Some((delivery.topic.clone(), delivery.ticket));
                return Ok(Some(Message::delivered(delivery)));
            }
            if !connection.is_open() {
                if self.stopping.is_some() {
                    return Ok(None);
                }
                if !mem::take(&mut is_said) {
                    say(&["the connection was lost"]);
                }
                self.reconnect(connection, settings)?;
                continue;
            }
            match self.stopping {
                Some(until) if !connection.session.is_pinging() || now() >= until => return Ok(None),
                Some(_) => {}
                None => {
                    if let Some(reason) = self.reason(connection) {
                        self.stop(connection, settings, reason);
                        continue;
                    }
                }
            }
            // What has come already needs no wait.
            let ended = match connection.take_in() {
                Ok(false) => self.wait(connection, settings),
                Ok(true) => {
                    self.pinged_at = None;
                    Ok(())
                }
                Err(error) => Err(error),
            };
            match ended {
                Ok(()) => {}
                Err(error @ (Error::Connection(_) | Error::Timeout)) => {
                    say(&described(&error));
                    is_said = true;
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Ends the subscriptions. What has come by then is still given out.
    fn stop(&mut self, connection: &mut Connection, settings: Settings, reason: &str) {
        say(&["stops: ", reason]);
        let until = after(now(), settings.limit("connect-timeout-ms"));
        self.stopping = Some(until);
        connection.session.drain();
        // If the connection ends now, there is nothing to wait for.
        let _ = connection.flush(until);
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
    fn wait(&mut self, connection: &mut Connection, settings: Settings) -> Result<(), Error> {
        let start = now();
        let since = *self.idle_since.get_or_insert(start);
        let idle = self.stopping.unwrap_or_else(|| after(since, self.idle_ms));
        let alive = after(self.pinged_at.unwrap_or(start), settings.limit("keep-alive-ms"));
        let stdin = self.stdin.as_ref().map(|(ready, _)| ready);
        match connection.pump(stdin, idle.min(alive))? {
            Woken::Read => self.pinged_at = None,
            Woken::Other => {}
            Woken::Late if idle <= alive && self.stopping.is_some() => connection.close(),
            Woken::Late if idle <= alive => self.stop(connection, settings, "no message came for `idle-ms`"),
            Woken::Late if self.pinged_at.is_some() => {
                connection.close();
                return Err(Error::Connection("the server gives no sign of life".to_owned()));
            }
            Woken::Late => {
                self.pinged_at = Some(now());
                connection.session.ping();
                connection.flush(after(now(), settings.limit("connect-timeout-ms")))?;
            }
        }
        Ok(())
    }

    /// Connects again, with pauses between the attempts.
    fn reconnect(&mut self, connection: &mut Connection, settings: Settings) -> Result<(), Error> {
        self.pinged_at = None;
        let mut pauses = Pauses::new();
        let mut attempts = 0;
        loop {
            let until = after(now(), settings.limit("connect-timeout-ms"));
            match connection.try_all(until) {
                Ok(()) => {
                    say(&["connected again"]);
                    return Ok(());
                }
                Err(Error::Connection(reason)) => {
                    attempts += 1;
                    if settings.limit("max-reconnects").is_some_and(|most| attempts >= most) {
                        let text = [&*reason, " (`max-reconnects` attempts)"].concat();
                        return Err(Error::Connection(text));
                    }
                }
                Err(error) => return Err(error),
            }
            if self.stdin_has_ended() {
                self.stopping = Some(now());
                return Ok(());
            }
            let pause = pauses.next();
            trace!("pause-ms=", pause);
            wait(&[], after(now(), Some(pause)));
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
    fn summarise(&self, connection: &Connection) {
        let numbers = [self.handled, self.failed, connection.session.dropped(), connection.made.saturating_sub(1)];
        let [handled, failed, dropped, again] = numbers.map(decimal);
        say(&["handled ", &handled, ", failed ", &failed, ", dropped ", &dropped, ", connected again ", &again]);
    }
}
