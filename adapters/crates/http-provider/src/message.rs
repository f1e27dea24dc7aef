//! Messages: content and, for an incoming message, its topic and the list for its replies.

use crate::bindings::exports::wasi::messaging::types::{Error, GuestMessage};
use alloc::{rc::Rc, string::String, vec::Vec};
#[cfg(feature = "sender")]
use core::cell::Ref;
use core::cell::{Cell, RefCell};
use http_mapping::header::{self, Refusal};
use message::Content;
use trace::trace;

/// The guest's `message`.
#[derive(Default)]
pub struct Message {
    content: RefCell<Content>,
    topic: Option<String>,
    replies: Option<Rc<Replies>>,
}

/// The replies to an incoming request, until its response is sent.
pub struct Replies {
    /// The maximum number of bytes of all replies together.
    pub limit: usize,
    /// The prefix of headers that hold metadata.
    pub prefix: &'static str,
    /// `None` once the response is sent.
    given: RefCell<Option<Vec<Content>>>,
    /// The number of bytes that are given.
    size: Cell<usize>,
}

impl Replies {
    /// Returns an empty list.
    pub fn new(limit: usize, prefix: &'static str) -> Self {
        Self { limit, prefix, given: RefCell::new(Some(Vec::new())), size: Cell::new(0) }
    }

    /// Returns all replies. Further ones are refused.
    pub fn close(&self) -> Vec<Content> {
        self.given.take().unwrap_or_default()
    }

    fn add(&self, reply: Content) -> Result<(), Error> {
        let mut given = self.given.borrow_mut();
        let Some(given) = &mut *given else {
            return Err(Error::Other("the message has been answered".into()));
        };
        header::check(&reply, self.prefix).map_err(|(key, refusal)| refused(key, refusal))?;
        let size = self.size.get().saturating_add(reply.data.len());
        if size > self.limit {
            return Err(Error::Other("the replies are larger than `max-body-bytes`".into()));
        }
        self.size.set(size);
        trace!("reply kept, bytes=", reply.data.len());
        given.push(reply);
        Ok(())
    }
}

/// Returns the error for a metadata entry that cannot be a header.
pub fn refused(key: &str, refusal: Refusal) -> Error {
    Error::Other(["metadata `", key, "` ", refusal.reason()].concat())
}

impl Message {
    /// Creates an incoming message. Without `replies`, replies to it are dropped.
    pub fn incoming(topic: String, content: Content, replies: Option<Rc<Replies>>) -> Self {
        Self { content: content.into(), topic: Some(topic), replies }
    }

    /// Creates a message that is a reply to a request of the guest.
    #[cfg(feature = "sender")]
    pub fn of(content: Content) -> Self {
        Self { content: content.into(), ..Self::default() }
    }

    /// Borrows the content.
    #[cfg(feature = "sender")]
    pub fn content(&self) -> Ref<'_, Content> {
        self.content.borrow()
    }

    /// Returns the content, and drops the rest.
    pub fn into_content(self) -> Content {
        self.content.into_inner()
    }

    /// Adds a reply. Does nothing and returns `ok` if the message takes no replies.
    pub fn reply(&self, reply: Content) -> Result<(), Error> {
        #[cfg(feature = "trace")]
        if self.replies.is_none() {
            trace!("reply dropped: nobody takes one");
        }
        self.replies.as_ref().map_or(Ok(()), |replies| replies.add(reply))
    }
}

::message::message!(GuestMessage for Message);
