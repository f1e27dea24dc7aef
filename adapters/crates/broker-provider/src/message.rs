//! Messages: content and, for a message that came, its topic and where replies to it go.

use crate::bindings::exports::wasi::messaging::types::GuestMessage;
use alloc::string::String;
use broker::Delivery;
use core::cell::{Ref, RefCell};
use message::Content;

/// The guest's `message`.
#[derive(Default)]
pub struct Message {
    content: RefCell<Content>,
    topic: Option<String>,
    reply_to: Option<String>,
}

impl Message {
    /// Creates a message that came for a subscription.
    pub fn delivered(delivery: Delivery) -> Self {
        Self { content: delivery.content.into(), topic: Some(delivery.topic), reply_to: delivery.reply_to }
    }

    /// Creates a message that answers a request of the guest.
    pub fn answering(content: Content) -> Self {
        Self { content: content.into(), ..Self::default() }
    }

    /// Borrows the content.
    pub fn content(&self) -> Ref<'_, Content> {
        self.content.borrow()
    }

    /// Returns where replies go, if the message takes some.
    pub fn reply_to(&self) -> Option<&str> {
        self.reply_to.as_deref()
    }
}

::message::message!(GuestMessage for Message);
