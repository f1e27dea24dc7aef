//! A connection to a broker, and those that take its place: what is said goes out at once, and what comes is taken in.

use super::{
    clock::{self, Instant, MILLISECOND, Pauses, wait},
    link::Link,
};
use crate::{
    protocol::{self, Protocol},
    settings::Settings,
    stderr,
};
use alloc::{borrow::ToOwned, string::String, vec::Vec};
use broker::{Error, Server, Session};
use core::mem;
use imports::{io::poll::Pollable, random::random::get_random_u64};
use message::decimal;
use trace::trace;

/// How long nothing was read, in nanoseconds, after which a connection is looked at before something is written.
const IDLE: u64 = 1_000 * MILLISECOND;

/// How many writes go out before what the broker says to them is read.
const UNREAD: u32 = 256;

/// How many servers a broker may name.
const MAX_SERVERS: usize = 64;

/// A buffer that became larger than this is given back.
const KEPT: usize = 64 << 10;

/// A connection, and what takes its place when it breaks.
pub struct Connection {
    pub session: Protocol,
    /// How many connections there were.
    pub made: u64,
    settings: Settings,
    servers: Vec<Server>,
    /// The server that is tried next.
    next: usize,
    link: Option<Link>,
    /// When the last thing was read, or later.
    read_at: Instant,
    /// Writes since then.
    unread: u32,
}

/// Why a wait has ended.
#[derive(PartialEq, Eq)]
pub enum Woken {
    /// Something came.
    Read,
    /// The other thing that was waited for is ready.
    Other,
    /// The time is over.
    Late,
}

impl Connection {
    /// Returns a connection that is not open yet. Fails if an option is of no use.
    pub fn new(settings: Settings) -> Result<Self, Error> {
        let mut servers = Vec::new();
        for text in settings.list("servers") {
            let server = Server::parse(text, protocol::DEFAULT_PORT);
            servers.push(server.ok_or_else(|| Error::Other(["`", text, "` is not the address of a server"].concat()))?);
        }
        let session = protocol::new(settings)?;
        Ok(Self { session, made: 0, settings, servers, next: 0, link: None, read_at: 0, unread: 0 })
    }

    pub fn is_open(&self) -> bool {
        self.link.is_some()
    }

    /// Returns the server that it is connected to, or else the one that is tried next.
    pub fn server(&self) -> String {
        self.servers.get(self.next).map(name).unwrap_or_default()
    }

    /// Opens the connection if it is not. If one was idle, looks first whether it is still there: nothing of the call has
    /// been written then, so a new one can take its place.
    pub fn open(&mut self, now: Instant, until: Instant) -> Result<(), Error> {
        self.unread += 1;
        if self.is_open() && (now.saturating_sub(self.read_at) > IDLE || self.unread > UNREAD) {
            // Why it broke does not matter: it is opened again.
            let _ = self.take_in();
            (self.read_at, self.unread) = (now, 0);
        }
        if self.is_open() {
            return Ok(());
        }
        let bound = clock::after(now, self.settings.limit("connect-timeout-ms"));
        self.connect(until.min(bound))
    }

    /// Tries the servers one after another, with pauses, until one answers or the time is over.
    fn connect(&mut self, until: Instant) -> Result<(), Error> {
        let mut pauses = Pauses::new();
        loop {
            let failed = match self.try_all(until) {
                Ok(()) => return Ok(()),
                Err(failed) => failed,
            };
            let resumed = clock::after(clock::now(), Some(pauses.next()));
            if matches!(failed, Error::PermissionDenied(_)) || resumed >= until {
                return Err(failed);
            }
            wait(&[], resumed);
        }
    }

    /// Tries each server once.
    pub fn try_all(&mut self, until: Instant) -> Result<(), Error> {
        let mut failed = Error::Connection("no server".to_owned());
        for turn in 0..self.servers.len() {
            let now = clock::now();
            // Each has its share of the time, so that a server that does not answer leaves some for the others.
            let share = until.saturating_sub(now) / (self.servers.len() - turn).max(1) as u64;
            let Some(server) = self.servers.get(self.next).cloned() else { break };
            failed = match self.try_one(&server, now.saturating_add(share)) {
                Ok(()) => return Ok(()),
                Err(Error::Connection(reason)) => Error::Connection([&*name(&server), ": ", &reason].concat()),
                Err(Error::Timeout) => Error::Connection([&*name(&server), ": it did not answer in time"].concat()),
                Err(denied @ Error::PermissionDenied(_)) => return Err(denied),
                Err(other) => other,
            };
            self.next = (self.next + 1) % self.servers.len();
        }
        Err(failed)
    }

    fn try_one(&mut self, server: &Server, until: Instant) -> Result<(), Error> {
        trace!("connecting to ", name(server));
        let link = Link::connect(server, until).map_err(|reason| Error::Connection(reason.to_owned()))?;
        self.session.output().clear();
        self.session.begin([get_random_u64(), get_random_u64()]);
        self.link = Some(link);
        while !self.session.is_open() {
            self.flush(until)?;
            if self.pump(None, until)? == Woken::Late {
                self.close();
                return Err(Error::Timeout);
            }
        }
        self.flush(until)?;
        self.made += 1;
        for other in self.session.others() {
            if self.servers.len() < MAX_SERVERS && !self.servers.contains(&other) {
                self.servers.push(other);
            }
        }
        (self.read_at, self.unread) = (clock::now(), 0);
        trace!("connected to ", name(server));
        Ok(())
    }

    /// Ends the connection.
    pub fn close(&mut self) {
        self.link = None;
    }

    /// Writes what the session wants to say, in one write.
    pub fn flush(&mut self, until: Instant) -> Result<(), Error> {
        let mut output = mem::take(self.session.output());
        let written = match &self.link {
            _ if output.is_empty() => Ok(()),
            Some(link) => link.write(&output, until).map_err(|_| lost("was lost while something was written to it")),
            None => Err(lost("was lost")),
        };
        if written.is_err() {
            self.close();
        }
        output.clear();
        if output.capacity() <= KEPT {
            *self.session.output() = output;
        }
        written
    }

    /// Waits until something comes, or `other` is ready, or the time is over. Takes in what came. An error means that the
    /// connection has ended.
    pub fn pump(&mut self, other: Option<&Pollable>, until: Instant) -> Result<Woken, Error> {
        let Some(link) = &self.link else { return Err(lost("was lost")) };
        let readable = &link.readable;
        let woken = match other {
            Some(other) => wait(&[readable, other], until),
            None => wait(&[readable], until),
        };
        match woken {
            Some(0) => self.read().map(|_| Woken::Read),
            Some(_) => Ok(Woken::Other),
            None => Ok(Woken::Late),
        }
    }

    /// Takes in what is there, without waiting. Returns whether something was.
    pub fn take_in(&mut self) -> Result<bool, Error> {
        let mut any = false;
        // No longer than it takes to read what the kernel has: a flood must not keep the caller here.
        for _ in 0..UNREAD {
            if !self.read()? {
                break;
            }
            any = true;
        }
        Ok(any)
    }

    /// Reads once. Returns whether something was there.
    fn read(&mut self) -> Result<bool, Error> {
        let Some(link) = &mut self.link else { return Err(lost("was lost")) };
        let received = match link.read() {
            Ok(bytes) if bytes.is_empty() => return Ok(false),
            Ok(bytes) => self.session.receive(&bytes),
            Err(_) => Err(lost("was lost")),
        };
        self.unread = 0;
        while let Some(complaint) = self.session.complaint() {
            stderr::say(&[&complaint]);
        }
        if let Err(error) = received {
            trace!("connection ended");
            self.close();
            return Err(error);
        }
        // Answers to what the broker asks go with the next write, or now if there is none.
        if !self.session.output().is_empty() && self.session.is_open() {
            let bound = clock::after(clock::now(), self.settings.limit("connect-timeout-ms"));
            self.flush(bound)?;
        }
        Ok(true)
    }
}

fn lost(how: &str) -> Error {
    Error::Connection(["the connection ", how].concat())
}

/// Returns how a server is called in messages.
fn name(server: &Server) -> String {
    let port = decimal(server.port.into());
    if server.host.contains(':') {
        ["[", &server.host, "]:", &port].concat()
    } else {
        [&server.host, ":", &port].concat()
    }
}
