//! Messages that came and wait until the guest takes them.

use crate::headers::ENTRY;
use alloc::collections::VecDeque;
use broker::{Delivery, Limits};
use message::Content;

/// Messages in the order of coming.
#[derive(Default)]
pub struct Queue {
    deliveries: VecDeque<(usize, Delivery)>,
    bytes: usize,
}

impl Queue {
    /// Adds a message. Returns whether there was room for it. Nothing is too large if nothing else waits.
    pub fn add(&mut self, delivery: Delivery, limits: &Limits) -> bool {
        let topics = delivery.topic.len() + delivery.reply_to.as_ref().map_or(0, |topic| topic.len());
        let bytes = topics + size(&delivery.content);
        let has_room = self.deliveries.is_empty() || bytes <= limits.bytes.saturating_sub(self.bytes);
        let fits = has_room && self.deliveries.len() < limits.messages;
        if fits {
            self.bytes += bytes;
            self.deliveries.push_back((bytes, delivery));
        }
        fits
    }

    /// Takes the next message.
    pub fn take(&mut self) -> Option<Delivery> {
        let (bytes, delivery) = self.deliveries.pop_front()?;
        self.bytes -= bytes;
        Some(delivery)
    }
}

/// Returns how many bytes a message takes, about.
pub fn size(content: &Content) -> usize {
    let entries = content.metadata.iter().map(|(key, value)| key.len() + value.len() + ENTRY);
    content.data.len() + content.content_type.as_ref().map_or(0, |text| text.len()) + entries.sum::<usize>()
}
