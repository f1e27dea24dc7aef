//! `request` with the mailbox in the memory of this instance. The guest's task waits while the interceptor passes the
//! replies in.

mod mailbox;

use crate::{
    random_id,
    request::{Ask, outgoing},
};
use alloc::vec::Vec;
use core::{
    future::{Future, poll_fn},
    pin::pin,
    task::Poll,
};
use imports::{
    clocks_p3::{monotonic_clock, system_clock},
    messaging::{
        producer,
        types::{Client, Error, Message},
    },
};
pub use mailbox::Mailbox;
use message::Limits;
use support::kind;
use trace::trace;

const MILLISECOND: u64 = 1_000_000;

/// The longest single wait for the clock, in nanoseconds. A request without a timeout repeats this wait, because an
/// engine ends a task that nothing can wake.
const LONGEST: u64 = 3600 * 1000 * MILLISECOND;

/// Sends a copy of `message` to `topic`, and returns the replies in the order in which they arrived.
pub async fn request(client: &Client, topic: &str, message: &Message, limits: Limits) -> Result<Vec<Message>, Error> {
    let mailbox = Mailbox::get()?;
    let ask = Ask::of(mailbox.config, limits)?;
    let timeout_ms = ask.timeout_ms;

    let id = random_id();
    let deadline_ms = timeout_ms.map(|timeout_ms| wall_clock_ms().saturating_add(timeout_ms));
    let outgoing = outgoing(mailbox.config, message, &id, mailbox.inbox(), deadline_ms);
    trace!("request topic=", topic, " correlation=", id, " timeout-ms=", timeout_ms, " expected=", ask.expected);
    let answered = async {
        send(client, topic, outgoing).await.inspect_err(|error| trace!("not sent: ", kind(error)))?;
        trace!("sent, waiting for replies on topic=", mailbox.inbox());
        mailbox.complete(&id).await;
        Ok(())
    };
    let ended = pin!(first(answered, over(timeout_ms)));
    // Opened last, so it is closed first if the guest gives the request up. The engine may pass in a reply while the
    // futures above are dropped, and a task that is being dropped must not be woken.
    let pending = mailbox.open(&id, ask.expected)?;
    match ended.await {
        Some(Err(error)) => Err(error),
        ended => {
            let replies = pending.take();
            if ended.is_none() {
                trace!("timeout with replies=", replies.len(), " of ", ask.expected);
            }
            ask.outcome(replies)
        }
    }
}

#[cfg(not(feature = "memory-async"))]
async fn send(client: &Client, topic: &str, message: Message) -> Result<(), Error> {
    producer::send(client, topic, message)
}

#[cfg(feature = "memory-async")]
async fn send(client: &Client, topic: &str, message: Message) -> Result<(), Error> {
    producer::send(client, topic.into(), message).await
}

/// Returns after the timeout; without one, never.
async fn over(timeout_ms: Option<u64>) {
    match timeout_ms {
        Some(timeout_ms) => monotonic_clock::wait_for(timeout_ms * MILLISECOND).await,
        None => loop {
            monotonic_clock::wait_for(LONGEST).await;
        },
    }
}

/// Returns the output of `work` if it is ready before `end`.
async fn first<T>(work: impl Future<Output = T>, end: impl Future<Output = ()>) -> Option<T> {
    let (mut work, mut end) = (pin!(work), pin!(end));
    poll_fn(|context| match work.as_mut().poll(context) {
        Poll::Ready(outcome) => Poll::Ready(Some(outcome)),
        Poll::Pending => end.as_mut().poll(context).map(|()| None),
    })
    .await
}

fn wall_clock_ms() -> u64 {
    let now = system_clock::now();
    // Times before 1970 count as 1970.
    u64::try_from(now.seconds).unwrap_or(0) * 1000 + u64::from(now.nanoseconds) / MILLISECOND
}
