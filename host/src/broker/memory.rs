use super::{BACKLOG, Deliveries, Error, Message};
use crate::subject;
use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicU64, Ordering},
    },
};
use tokio::sync::{Semaphore, mpsc};

/// A broker in the memory of this process.
#[derive(Debug, Clone, Default)]
pub struct Memory(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    subscriptions: Mutex<Vec<Subscription>>,
    /// Topics on which publishing fails, with the error.
    failures: Mutex<BTreeMap<String, Error>>,
    /// Topics on which publishing does not return yet.
    holds: Mutex<BTreeMap<String, Arc<Semaphore>>>,
    dropped: AtomicU64,
}

#[derive(Debug)]
struct Subscription {
    topic: String,
    queue: Option<String>,
    sender: mpsc::Sender<Message>,
    /// The number of messages that its queue gave to this subscriber.
    taken: u64,
}

/// Holds publishers of a topic until it is dropped.
#[derive(Debug)]
pub struct Hold(Arc<Semaphore>);

impl Drop for Hold {
    fn drop(&mut self) {
        self.0.close();
    }
}

impl Memory {
    /// Makes a broker without subscribers.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes publishing on `topic` fail from now on.
    pub fn fail(&self, topic: &str, error: Error) {
        lock(&self.0.failures).insert(topic.to_owned(), error);
    }

    /// Makes publishing on `topic` return only when the returned value is dropped. Messages are handed over at once, so a
    /// subscriber may answer before the publisher continues.
    #[must_use]
    pub fn hold(&self, topic: &str) -> Hold {
        let hold = Arc::new(Semaphore::new(0));
        lock(&self.0.holds).insert(topic.to_owned(), Arc::clone(&hold));
        Hold(hold)
    }

    pub(super) async fn hold_publisher(&self, topic: &str) {
        let hold = lock(&self.0.holds).get(topic).cloned();
        if let Some(hold) = hold {
            // It has no permits, so this ends with an error, once it is closed.
            let _ = hold.acquire().await;
        }
    }

    /// Returns the number of messages that were dropped because a subscriber was too slow.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.0.dropped.load(Ordering::Relaxed)
    }

    pub(super) fn publish(&self, topic: &str, message: &Message) -> Result<(), Error> {
        if let Some(error) = lock(&self.0.failures).get(topic) {
            return Err(error.clone());
        }
        let mut subscriptions = lock(&self.0.subscriptions);
        subscriptions.retain(|subscription| !subscription.sender.is_closed());
        // In each queue, the subscriber with the fewest messages so far gets the message.
        let mut queues: BTreeMap<String, usize> = BTreeMap::new();
        let mut receivers = Vec::new();
        for (index, subscription) in subscriptions.iter().enumerate() {
            if subject::matches(&subscription.topic, topic) {
                match &subscription.queue {
                    None => receivers.push(index),
                    Some(queue) => {
                        let chosen = queues.entry(queue.clone()).or_insert(index);
                        if subscription.taken < subscriptions[*chosen].taken {
                            *chosen = index;
                        }
                    }
                }
            }
        }
        receivers.extend(queues.into_values());
        for receiver in receivers {
            let subscription = &mut subscriptions[receiver];
            subscription.taken += 1;
            let delivery = Message { topic: Some(topic.to_owned()), ..message.clone() };
            if subscription.sender.try_send(delivery).is_err() {
                self.0.dropped.fetch_add(1, Ordering::Relaxed);
            }
        }
        Ok(())
    }

    pub(super) fn subscribe(&self, topic: &str, queue: Option<&str>) -> Deliveries {
        let (sender, mut messages) = mpsc::channel(BACKLOG);
        let (topic, queue) = (topic.to_owned(), queue.map(str::to_owned));
        lock(&self.0.subscriptions).push(Subscription { topic, queue, sender, taken: 0 });
        Deliveries::new(futures::stream::poll_fn(move |context| messages.poll_recv(context)))
    }
}

/// Locks a mutex. A poisoned lock is fine: no code panics while it holds one.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
