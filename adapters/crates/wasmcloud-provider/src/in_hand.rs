//! The messages that the guest has in hand, and their tokens.

use alloc::{rc::Rc, string::String, vec::Vec};
use core::cell::RefCell;
use imports::{messaging::types::Message, random::random::get_random_u64};
use message::id;
use support::InstanceCell;
use trace::trace;

/// What every token begins with. It looks like the subjects that a NATS client makes for replies.
const PREFIX: &str = "_INBOX.msgcompose.";

struct Held {
    token: String,
    /// Shared with a reply that is being sent.
    message: Rc<Message>,
}

static HELD: InstanceCell<RefCell<Vec<Held>>> = InstanceCell::new();

fn held() -> &'static RefCell<Vec<Held>> {
    HELD.get_or_init(RefCell::default)
}

/// Takes a message in hand, and returns its token. The token has 128 random bits, because a guest may send to subjects
/// that come from outside, and nobody outside may name another's message.
pub fn take(message: Message) -> String {
    let token = [PREFIX, &id::from_bits(get_random_u64(), get_random_u64())].concat();
    held().borrow_mut().push(Held { token: token.clone(), message: Rc::new(message) });
    trace!("in hand: ", held().borrow().len());
    token
}

/// Lets go of the message with this token.
pub fn release(token: &str) {
    held().borrow_mut().retain(|held| held.token != token);
}

/// Returns the message with this token, if the guest has it in hand.
pub fn get(token: &str) -> Option<Rc<Message>> {
    held().borrow().iter().find(|held| held.token == token).map(|held| Rc::clone(&held.message))
}

/// Returns whether a subject is a token, perhaps one of a message that is gone.
pub fn is_token(subject: &str) -> bool {
    subject.starts_with(PREFIX)
}
