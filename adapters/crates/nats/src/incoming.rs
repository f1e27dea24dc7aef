//! What the client does with what the server says.

use crate::{
    FIRST, INBOX, Inbox, Nats, State,
    frame::Frame,
    info::Info,
    lines::{self, foreign},
    queue,
    text::{about, after, has, quoted},
};
use alloc::{string::String, vec::Vec};
use broker::{Delivery, Error, Ticket};
use message::parse_decimal;

/// How many servers of a cluster are kept.
const SERVERS: usize = 256;

/// The status of the answer to a request that nobody took.
const NO_RESPONDERS: u64 = 503;

impl Nats {
    /// Does what a line asks for. Fails if the connection is of no use any more.
    pub(crate) fn take_line(&mut self, line: Vec<u8>) -> Result<(), Error> {
        let (line, is_text) = lines::to_text(line);
        let text = line.strip_suffix("\r\n").ok_or_else(|| foreign(&line))?;
        let space = text.bytes().position(|byte| byte == b' ' || byte == b'\t').unwrap_or(text.len());
        let (name, rest) = text.split_at_checked(space).unwrap_or_default();
        let is = |known: &str| name.eq_ignore_ascii_case(known);
        let has_headers = is("HMSG");
        if has_headers || is("MSG") {
            if self.state == State::Silent {
                return Err(foreign("a message before INFO"));
            }
            let max_payload = self.info.max_payload.unwrap_or(0);
            let frame = Frame::begin(rest, has_headers, self.limits.message, max_payload);
            let mut frame = frame.ok_or_else(|| foreign(&line))?;
            if !is_text {
                frame.skip("has a topic that is not UTF-8");
            }
            self.frame = Some(frame);
        } else if is("PING") {
            self.write_pieces(&["PONG\r\n"]);
        } else if is("PONG") {
            self.pings = self.pings.saturating_sub(1);
            if self.state == State::Asking {
                self.state = State::Open;
            }
        } else if is("INFO") {
            self.take_info(rest)?;
        } else if is("-ERR") {
            self.take_error(rest.trim_ascii().trim_matches('\''))?;
        } else if !is("+OK") {
            return Err(foreign(&line));
        }
        Ok(())
    }

    fn take_info(&mut self, text: &str) -> Result<(), Error> {
        self.info = Info::read(text).ok_or_else(|| connection("the server's INFO is not JSON"))?;
        for server in self.info.servers.drain(..) {
            if self.servers.len() < SERVERS && !self.servers.contains(&server) {
                self.servers.push(server);
            }
        }
        if self.state == State::Silent {
            if self.info.tls_required {
                return Err(connection(
                    "the server requires TLS, which this adapter does not speak: connect to a neighbour that ends TLS, or \
                     to a leaf node on loopback",
                ));
            }
            self.state = State::Asking;
            self.write_connect();
        }
        Ok(())
    }

    /// Takes a message whose bytes are all there.
    pub(crate) fn take_message(&mut self, mut frame: Frame) -> Result<(), Error> {
        let (content, status) = frame.end(self.limits.message)?;
        // A status without data is the server's own word, for example that it is idle.
        let is_status = status.is_some() && content.data.is_empty();
        let Frame { topic, subscription, reply_to, fault, .. } = frame;
        let mut is_kept = fault.is_none();
        if subscription == INBOX {
            let Some(ticket) = self.inbox_ticket(&topic) else { return Ok(()) };
            if let Some(fault) = fault {
                self.fail(ticket, &|topic| Error::Other([&*about("the answer of `", topic, "` "), fault].concat()));
            } else if !is_status {
                is_kept = self.waiting.answer(ticket, queue::size(&content), content, &self.limits);
            } else if status == Some(NO_RESPONDERS) {
                self.fail(ticket, &|topic| Error::Connection(about("no responders for `", topic, "`")));
            }
        } else if (FIRST..self.next_subscription).contains(&subscription) {
            if let Some(fault) = fault {
                self.complain([&*about("a message to `", &topic, "` was dropped: it "), fault].concat());
            } else if !is_status {
                is_kept = self.queue.add(Delivery { topic, content, reply_to, ticket: 0 }, &self.limits);
            }
        } else {
            return Ok(());
        }
        self.dropped += u64::from(!is_kept);
        Ok(())
    }

    /// Returns the ticket in a topic of the inbox.
    fn inbox_ticket(&self, topic: &str) -> Option<Ticket> {
        parse_decimal(topic.strip_prefix(&*self.inbox_topic)?.strip_prefix('.')?)
    }

    /// Ends a request.
    fn fail(&mut self, ticket: Ticket, error: &dyn Fn(&str) -> Error) {
        self.waiting.fail(1, &|other, _| other == ticket, error);
    }

    fn take_error(&mut self, text: &str) -> Result<(), Error> {
        let said = about("the server says: ", text, "");
        if let Some(what) = after(text, "Permissions Violation for ") {
            return self.take_violation(what, &said);
        }
        if has(text, "Authentication") || has(text, "Authorization") {
            return Err(Error::PermissionDenied(said));
        }
        if !has(text, "Invalid") || !has(text, "Subject") {
            return Err(Error::Connection(said));
        }
        self.complain(said);
        Ok(())
    }

    /// Finds who did what the server forbids.
    fn take_violation(&mut self, what: &str, said: &str) -> Result<(), Error> {
        let error = |_: &str| Error::PermissionDenied(String::from(said));
        let topic = quoted(what);
        let ticket = self.inbox_ticket(&topic);
        let of_inbox = topic.strip_prefix(&*self.inbox_topic).is_some_and(|rest| rest == ".*");
        let is_found = if after(what, "Subscription").is_none() {
            // The server may also forbid that the inbox is a reply topic.
            self.waiting.fail(1, &|other, sent_to| ticket.map_or(sent_to == topic, |ticket| other == ticket), &error)
        } else if of_inbox {
            self.waiting.fail(usize::MAX, &|_, _| true, &error);
            self.inbox = Inbox::Refused(error(""));
            true
        } else if self.subscriptions.iter().any(|(pattern, _)| *pattern == topic) {
            return Err(error(""));
        } else {
            false
        };
        if !is_found {
            self.complain(said.into());
        }
        Ok(())
    }
}

fn connection(text: &str) -> Error {
    Error::Connection(text.into())
}
