//! A message as it comes: its line, its headers, its data. What a length announces is compared with the limits before
//! anything is reserved.

use crate::{headers, lines::foreign};
use alloc::{borrow::ToOwned, string::String, vec::Vec};
use broker::Error;
use message::{Content, parse_decimal};

/// The maximum number of bytes of a message that servers can be told to let pass, and of what servers add. What one server
/// says of itself does not bound what comes, which may be from another account or cluster.
const POSSIBLE: usize = (64 << 20) + 65536;

/// A message whose bytes are being read.
pub struct Frame {
    /// Where it was sent to.
    pub topic: String,
    /// The number of the subscription.
    pub subscription: u64,
    /// Where replies go.
    pub reply_to: Option<String>,
    /// Why it is not delivered. Its sender is to blame, and not the server, so the connection goes on.
    pub fault: Option<&'static str>,
    head: Vec<u8>,
    data: Vec<u8>,
    /// How many bytes of the headers are still to come.
    head_left: usize,
    /// The same for the data, with the line's end that follows.
    data_left: usize,
}

impl Frame {
    /// Reads `TOPIC SUBSCRIPTION [REPLY-TO] [HEADER-BYTES] BYTES`. Skips messages of more than `kept` bytes.
    pub fn begin(arguments: &str, has_headers: bool, kept: usize, max_payload: usize) -> Option<Self> {
        let mut fields = [""; 6];
        let mut count = 0;
        for field in arguments.split([' ', '\t']).filter(|field| !field.is_empty()) {
            *fields.get_mut(count)? = field;
            count += 1;
        }
        let sizes = if has_headers { 2 } else { 1 };
        let [topic, subscription, reply_to, ..] = fields;
        let reply_to = match count.checked_sub(sizes)? {
            2 => None,
            3 => Some(reply_to.to_owned()),
            _ => return None,
        };
        let size = |at: usize| usize::try_from(parse_decimal(fields.get(at)?)?).ok();
        let total = size(count - 1).filter(|total| *total <= POSSIBLE.max(max_payload))?;
        let head_left = if has_headers { size(count - 2)? } else { 0 };
        let data_left = total.checked_sub(head_left)?.saturating_add(2);
        let mut frame = Self {
            topic: topic.to_owned(),
            subscription: parse_decimal(subscription)?,
            reply_to,
            fault: None,
            head: Vec::new(),
            data: Vec::new(),
            head_left,
            data_left,
        };
        if total > kept {
            frame.skip("has more bytes than a message may have");
        } else {
            frame.head.reserve_exact(head_left);
            frame.data.reserve_exact(data_left);
        }
        Some(frame)
    }

    /// Does not keep the bytes that come, because of this fault.
    pub fn skip(&mut self, fault: &'static str) {
        self.fault = Some(fault);
        (self.head, self.data) = Default::default();
    }

    /// Takes bytes of the message. Returns whether these are all.
    pub fn fill(&mut self, bytes: &mut &[u8]) -> bool {
        for (part, left) in [(&mut self.head, &mut self.head_left), (&mut self.data, &mut self.data_left)] {
            let (taken, rest) = bytes.split_at_checked(bytes.len().min(*left)).unwrap_or_default();
            *bytes = rest;
            *left -= taken.len();
            if self.fault.is_none() {
                part.extend_from_slice(taken);
            }
        }
        self.head_left == 0 && self.data_left == 0
    }

    /// Returns the content when all bytes are there, and a status if the server has sent one. A fault ends up in
    /// `self.fault`.
    pub fn end(&mut self, kept: usize) -> Result<(Content, Option<u64>), Error> {
        let mut content = Content::default();
        if self.fault.is_some() {
            return Ok((content, None));
        }
        let data = self.data.strip_suffix(b"\r\n").ok_or_else(|| foreign("a message without its end"))?.len();
        self.data.truncate(data);
        let mut status = None;
        if !self.head.is_empty() {
            match headers::read(&self.head, kept.saturating_sub(data), &mut content) {
                Ok(read) => status = read,
                Err(fault) => self.fault = Some(fault),
            }
        }
        content.data = core::mem::take(&mut self.data).into();
        Ok((content, status))
    }
}
