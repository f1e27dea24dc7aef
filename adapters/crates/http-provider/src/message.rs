//! Messages: content, and for one that came in, its topic and the place for replies to it.

use crate::bindings::exports::wasi::messaging::types::{Error, GuestMessage};
use alloc::{rc::Rc, string::String, vec::Vec};
use core::cell::{Ref, RefCell};
use http_mapping::header::{self, Refusal};
use message::{Content, Data};
use trace::trace;

/// The guest's `message`.
#[derive(Default)]
pub struct Message {
    content: RefCell<Content>,
    topic: Option<String>,
    replies: Option<Rc<Replies>>,
}

/// The replies to a request that came in, until it is answered.
pub struct Replies {
    /// The most bytes of all together.
    pub limit: usize,
    /// What is written before the names of headers that are metadata.
    pub prefix: &'static str,
    /// None when it is answered.
    given: RefCell<Option<Vec<Content>>>,
}

impl Replies {
    /// A place for replies.
    pub fn new(limit: usize, prefix: &'static str) -> Self {
        Self { limit, prefix, given: RefCell::new(Some(Vec::new())) }
    }

    /// All replies; there can be no more.
    pub fn close(&self) -> Vec<Content> {
        self.given.take().unwrap_or_default()
    }

    fn add(&self, reply: Content) -> Result<(), Error> {
        let mut given = self.given.borrow_mut();
        let Some(given) = &mut *given else {
            return Err(Error::Other("the message has been answered".into()));
        };
        header::check(&reply, self.prefix).map_err(|(key, refusal)| refused(key, refusal))?;
        let size = given.iter().map(|reply| reply.data.len()).sum::<usize>();
        if size.saturating_add(reply.data.len()) > self.limit {
            return Err(Error::Other("the replies are larger than `max-body-bytes`".into()));
        }
        trace!("reply kept, bytes=", reply.data.len());
        given.push(reply);
        Ok(())
    }
}

/// The error for a message of which an entry cannot be a header.
pub fn refused(key: &str, refusal: Refusal) -> Error {
    Error::Other(["metadata `", key, "` ", refusal.reason()].concat())
}

impl Message {
    /// A message that came in on a topic, and the place for replies to it, if there is one.
    pub fn incoming(topic: String, content: Content, replies: Option<Rc<Replies>>) -> Self {
        Self { content: content.into(), topic: Some(topic), replies }
    }

    /// A message that came in as a reply.
    #[cfg(feature = "sender")]
    pub fn of(content: Content) -> Self {
        Self { content: content.into(), ..Self::default() }
    }

    /// Its content.
    pub fn content(&self) -> Ref<'_, Content> {
        self.content.borrow()
    }

    /// Its content, without the message.
    pub fn into_content(self) -> Content {
        self.content.into_inner()
    }

    /// Answers it; `ok` and nothing else when there is no place for replies.
    pub fn reply(&self, reply: Content) -> Result<(), Error> {
        #[cfg(feature = "trace")]
        if self.replies.is_none() {
            trace!("reply dropped: nobody takes one");
        }
        self.replies.as_ref().map_or(Ok(()), |replies| replies.add(reply))
    }
}

impl GuestMessage for Message {
    fn new(data: Vec<u8>) -> Self {
        Self { content: RefCell::new(Content { data: data.into(), ..Content::default() }), ..Self::default() }
    }

    fn topic(&self) -> Option<String> {
        self.topic.clone()
    }

    fn content_type(&self) -> Option<String> {
        self.content().content_type.clone()
    }

    fn set_content_type(&self, content_type: String) {
        self.content.borrow_mut().content_type = Some(content_type);
    }

    fn data(&self) -> Vec<u8> {
        self.content().data.to_vec()
    }

    fn set_data(&self, data: Vec<u8>) {
        self.content.borrow_mut().data = Data::from(data);
    }

    fn metadata(&self) -> Option<Vec<(String, String)>> {
        Some(self.content().metadata.clone()).filter(|metadata| !metadata.is_empty())
    }

    fn add_metadata(&self, key: String, value: String) {
        self.remove_metadata(key.clone());
        self.content.borrow_mut().metadata.push((key, value));
    }

    fn set_metadata(&self, metadata: Vec<(String, String)>) {
        self.content.borrow_mut().metadata = metadata;
    }

    fn remove_metadata(&self, key: String) {
        self.content.borrow_mut().metadata.retain(|(name, _)| *name != key);
    }
}
