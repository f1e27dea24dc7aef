//! What the driver calls.

use crate::{
    FIRST, INBOX, Inbox, Nats, State,
    info::Info,
    lines,
    text::{about, fault, is_word},
};
use alloc::{borrow::ToOwned, string::String, vec::Vec};
use broker::{Delivery, Error, Server, Session, Ticket};
use core::mem::take;
use message::{Content, decimal, id};

impl Session for Nats {
    fn begin(&mut self, entropy: [u64; 2]) {
        let [high, low] = entropy;
        self.waiting.fail(usize::MAX, &|_, _| true, &|topic| {
            Error::Connection(about("the connection was lost while a request to `", topic, "` waited"))
        });
        self.state = State::Silent;
        self.line.clear();
        self.frame = None;
        self.info = Info::default();
        self.inbox_topic = [&self.inbox_prefix, ".", &id::from_bits(high, low)].concat();
        self.inbox = Inbox::Unused;
        self.next_subscription = FIRST;
        self.pings = 0;
        self.output.clear();
    }

    fn receive(&mut self, mut bytes: &[u8]) -> Result<(), Error> {
        loop {
            if let Some(mut frame) = self.frame.take() {
                if !frame.fill(&mut bytes) {
                    self.frame = Some(frame);
                    break;
                }
                self.take_message(frame)?;
            } else if lines::take(&mut bytes, &mut self.line)? {
                let line = take(&mut self.line);
                self.take_line(line)?;
            } else {
                break;
            }
        }
        self.fault.clone().map_or(Ok(()), Err)
    }

    fn is_open(&self) -> bool {
        self.state == State::Open
    }

    fn output(&mut self) -> &mut Vec<u8> {
        &mut self.output
    }

    fn subscribe(&mut self, pattern: &str, group: Option<&str>) {
        let group = group.unwrap_or_default();
        let fault = fault(pattern, true).or((!is_word(group)).then_some("` cannot have this queue group"));
        if let Some(fault) = fault {
            self.fault = Some(Error::Other(about("the pattern `", pattern, fault)));
            return;
        }
        let subscription = (pattern.to_owned(), group.to_owned());
        if self.subscriptions.contains(&subscription) {
            return;
        }
        if self.state != State::Silent {
            self.write_subscription(&subscription);
        }
        self.subscriptions.push(subscription);
    }

    fn publish(&mut self, topic: &str, content: &Content) -> Result<Ticket, Error> {
        self.send(topic, "", content)?;
        self.ping();
        Ok(0)
    }

    fn confirmed(&mut self, _: Ticket) -> Option<Result<(), Error>> {
        Some(Ok(()))
    }

    fn ask(&mut self, topic: &str, content: &Content) -> Result<Ticket, Error> {
        if let Inbox::Refused(error) = &self.inbox {
            return Err(error.clone());
        }
        let start = self.output.len();
        if self.inbox == Inbox::Unused {
            let topic = take(&mut self.inbox_topic);
            self.write_pieces(&["SUB ", &topic, ".* ", &decimal(INBOX), "\r\n"]);
            self.inbox_topic = topic;
        }
        let ticket = self.waiting.add(topic.to_owned());
        let reply_to = [&self.inbox_topic, ".", &decimal(ticket)].concat();
        if let Err(error) = self.send(topic, &reply_to, content) {
            self.output.truncate(start);
            self.waiting.forget(ticket);
            return Err(error);
        }
        self.inbox = Inbox::Subscribed;
        Ok(ticket)
    }

    fn answer(&mut self, ticket: Ticket) -> Option<Result<Content, Error>> {
        self.waiting.take(ticket)
    }

    fn forget(&mut self, ticket: Ticket) {
        self.waiting.forget(ticket);
    }

    fn reply(&mut self, to: &str, content: &Content) -> Result<Ticket, Error> {
        if let Some(fault) = fault(to, false) {
            return Err(Error::PermissionDenied(about("the reply topic `", to, fault)));
        }
        self.publish(to, content)
    }

    fn delivery(&mut self) -> Option<Delivery> {
        self.queue.take()
    }

    fn settle(&mut self, _: Ticket, _: Result<(), &Error>) {}

    fn progress(&mut self) {}

    fn ping(&mut self) {
        self.pings += 1;
        self.output.extend_from_slice(b"PING\r\n");
    }

    fn is_pinging(&self) -> bool {
        self.pings > 0
    }

    fn drain(&mut self) {
        self.subscriptions.clear();
        for number in FIRST..self.next_subscription {
            self.write_pieces(&["UNSUB ", &decimal(number), "\r\n"]);
        }
        self.ping();
    }

    fn is_leaving(&self) -> bool {
        self.info.lame_duck
    }

    fn others(&mut self) -> Vec<Server> {
        let others = self.servers.get(self.servers_taken..).unwrap_or_default().to_vec();
        self.servers_taken = self.servers.len();
        others
    }

    fn complaint(&mut self) -> Option<String> {
        if self.complaints.is_empty() { None } else { Some(self.complaints.remove(0)) }
    }

    fn dropped(&self) -> u64 {
        self.dropped
    }
}
