//! Operations of the client.

use crate::{FIRST, Nats, State, Subscription, headers, text};
use alloc::string::String;
use broker::Error;
use core::mem::take;
use message::{Content, decimal};

/// The maximum number of bytes between the name of an operation and the end of its line. A server closes the connection
/// if there are more.
const MAX_ARGUMENTS: usize = 4096;

impl Nats {
    /// Appends a message; nothing if it cannot be sent.
    pub(crate) fn send(&mut self, topic: &str, reply_to: &str, content: &Content) -> Result<(), Error> {
        if self.state != State::Open {
            return Err(Error::Connection("there is no connection".into()));
        }
        if let Some(fault) = text::fault(topic, false) {
            return Err(Error::Other(text::about("topic `", topic, fault)));
        }
        let mut arguments = [topic, if reply_to.is_empty() { "" } else { " " }, reply_to].concat();
        let mut total = content.data.len();
        let has_headers = headers::needed(content);
        if has_headers {
            headers::check(content)?;
            if !self.info.headers {
                return Err(Error::Other(String::from(
                    "the server takes neither metadata nor a content type: it has no headers",
                )));
            }
            let head = headers::size(content);
            total = total.saturating_add(head);
            arguments.push(' ');
            message::push_decimal(&mut arguments, head as u64);
        }
        let size = decimal(total as u64);
        if let Some(most) = self.info.max_payload.filter(|most| total > *most) {
            let most = decimal(most as u64);
            return Err(Error::Other(["the message has ", &size, " bytes, and the server takes ", &most].concat()));
        }
        if arguments.len() + 1 + size.len() > MAX_ARGUMENTS {
            return Err(Error::Other(text::about("topic `", topic, "` is too long")));
        }
        self.output.reserve(arguments.len() + total + 32);
        self.write_pieces(&[if has_headers { "HPUB " } else { "PUB " }, &arguments, " ", &size, "\r\n"]);
        if has_headers {
            headers::write(content, &mut self.output);
        }
        content.data.pieces().for_each(|piece| self.output.extend_from_slice(piece));
        self.write_pieces(&["\r\n"]);
        Ok(())
    }

    /// Appends texts.
    pub(crate) fn write_pieces(&mut self, pieces: &[&str]) {
        pieces.iter().for_each(|piece| self.output.extend_from_slice(piece.as_bytes()));
    }

    /// Appends SUB with the next number.
    pub(crate) fn write_subscription(&mut self, (pattern, group): &Subscription) {
        let gap = if group.is_empty() { "" } else { " " };
        self.write_pieces(&["SUB ", pattern, gap, group, " ", &decimal(self.next_subscription), "\r\n"]);
        self.next_subscription += 1;
    }

    /// Appends what the client says when the server has introduced itself.
    pub(crate) fn write_connect(&mut self) {
        self.auth.write(&self.info, &mut self.output);
        self.pings = 1;
        self.write_pieces(&["PING\r\n"]);
        self.next_subscription = FIRST;
        let subscriptions = take(&mut self.subscriptions);
        subscriptions.iter().for_each(|subscription| self.write_subscription(subscription));
        self.subscriptions = subscriptions;
    }
}
