//! The mailbox in memory: the waiting requests of this instance, and their replies.

use crate::request::strip;
use alloc::{borrow::ToOwned, collections::BTreeMap, string::String, vec::Vec};
use core::{
    cell::{Cell, RefCell},
    future::poll_fn,
    mem::take,
    task::{Poll, Waker},
};
use imports::{
    messaging::types::{Error, Message},
    random::random::get_random_u64,
};
use reqreply::{id, mailbox::Drop as Reason, metadata, seen::Seen};
use support::{Config, InstanceCell};
use trace::trace;

/// The waiting requests, and what is needed to recognise their replies.
pub struct Mailbox {
    /// The options of the adapter.
    pub config: &'static Config,
    /// The topic for replies to this instance.
    inbox: String,
    /// If each instance has its own inbox: the number of bytes that all inboxes have in common at the start.
    common: Option<usize>,
    /// The waiting requests, by correlation id.
    pending: RefCell<BTreeMap<String, Waiting>>,
    /// The number of dropped replies for each of [`REASONS`].
    dropped: [Cell<u64>; REASONS.len()],
}

/// A waiting request.
#[derive(Default)]
struct Waiting {
    expected: u64,
    replies: Vec<Message>,
    seen: Seen,
    task: Option<Waker>,
}

/// An open request. Dropping it closes the request and discards its replies.
pub struct Pending<'a> {
    mailbox: &'static Mailbox,
    id: &'a str,
}

const REASONS: [Reason; 4] = [Reason::Unknown, Reason::Malformed, Reason::Duplicate, Reason::Surplus];

static MAILBOX: InstanceCell<Mailbox> = InstanceCell::new();

impl Mailbox {
    /// Returns the mailbox of this instance. The first call reads the options and chooses the inbox.
    pub fn get() -> Result<&'static Self, Error> {
        MAILBOX.get_or_try_init(|| {
            let config = Config::get()?;
            let mut inbox = config.text("reply-topic").to_owned();
            let mut common = None;
            if config.text("inbox") != "shared" {
                inbox.push_str(config.text("inbox-separator"));
                common = Some(inbox.len());
                inbox.push_str(&id::from_bits(get_random_u64(), get_random_u64()));
            }
            Ok(Self { config, inbox, common, pending: RefCell::default(), dropped: Default::default() })
        })
    }

    /// Returns the topic for replies to this instance.
    pub fn inbox(&self) -> &str {
        &self.inbox
    }

    /// Opens the request with correlation id `id`.
    ///
    /// Call this before the request is sent, because a reply to a request that is not open is dropped.
    pub fn open<'a>(&'static self, id: &'a str, expected: u64) -> Result<Pending<'a>, Error> {
        let most = self.config.number("max-pending");
        let mut pending = self.pending.borrow_mut();
        if most > 0 && pending.len() as u64 >= most {
            return Err(Error::Other("too many requests are waiting (`max-pending`)".into()));
        }
        pending.insert(id.to_owned(), Waiting { expected, ..Waiting::default() });
        Ok(Pending { mailbox: self, id })
    }

    /// Waits until all expected replies to the request with correlation id `id` have come.
    pub async fn complete(&self, id: &str) {
        poll_fn(|context| match self.pending.borrow_mut().get_mut(id) {
            Some(waiting) if !waiting.is_complete() => {
                waiting.task = Some(context.waker().clone());
                Poll::Pending
            }
            _ => Poll::Ready(()),
        })
        .await;
    }

    /// Takes a message if it is a reply; otherwise returns it.
    ///
    /// A reply without a waiting request is counted and dropped, because an error would make a broker deliver it
    /// forever.
    pub fn admit(&self, message: Message) -> Option<Message> {
        let topic = message.topic().unwrap_or_default();
        if topic != self.inbox {
            let is_other_inbox = self.common.is_some_and(|common| is_below(&topic, &self.inbox[..common]));
            // A reply to another instance is dropped without counting.
            return (!is_other_inbox).then_some(message);
        }
        if let Err(reason) = self.store(message) {
            trace!("reply dropped: ", reason.name());
            self.count(reason, 1);
        }
        None
    }

    fn count(&self, reason: Reason, replies: usize) {
        let count = &self.dropped[reason as usize];
        count.set(count.get().saturating_add(replies as u64));
    }

    /// Returns the number of dropped replies for each reason, without zeros.
    pub fn dropped(&self) -> Vec<(String, u64)> {
        let counts = REASONS.iter().zip(&self.dropped).map(|(reason, count)| (reason.name().to_owned(), count.get()));
        counts.filter(|(_, count)| *count > 0).collect()
    }

    fn store(&self, reply: Message) -> Result<(), Reason> {
        let mut metadata = reply.metadata().unwrap_or_default();
        let id = metadata::get(&metadata, self.config.text("correlation-id-key")).filter(|id| id::is_valid(id));
        let id = id.ok_or(Reason::Malformed)?;
        let mut pending = self.pending.borrow_mut();
        let waiting = pending.get_mut(id).ok_or(Reason::Unknown)?;
        trace!("reply for correlation=", id, ", ", waiting.replies.len() + 1, " of ", waiting.expected);
        let message_id = metadata::get(&metadata, self.config.text("message-id-key"));
        if waiting.is_complete() {
            return Err(if waiting.seen.has(message_id) { Reason::Duplicate } else { Reason::Surplus });
        }
        if !waiting.seen.is_new(message_id) {
            return Err(Reason::Duplicate);
        }
        strip(self.config, &mut metadata);
        reply.set_metadata(&metadata);
        waiting.replies.push(reply);
        if waiting.is_complete() {
            waiting.task.take().into_iter().for_each(Waker::wake);
        }
        Ok(())
    }
}

impl Waiting {
    fn is_complete(&self) -> bool {
        self.replies.len() as u64 >= self.expected
    }
}

impl Pending<'_> {
    /// Takes the replies so far, in the order in which they arrived.
    pub fn take(&self) -> Vec<Message> {
        self.mailbox.pending.borrow_mut().get_mut(self.id).map(|waiting| take(&mut waiting.replies)).unwrap_or_default()
    }
}

impl Drop for Pending<'_> {
    fn drop(&mut self) {
        // If the request could not be sent, it takes no replies.
        let left = self.mailbox.pending.borrow_mut().remove(self.id).map_or(0, |waiting| waiting.replies.len());
        self.mailbox.count(Reason::Unknown, left);
    }
}

/// Returns whether `topic` is `start` followed by an id.
fn is_below(topic: &str, start: &str) -> bool {
    topic.strip_prefix(start).is_some_and(id::is_valid)
}
