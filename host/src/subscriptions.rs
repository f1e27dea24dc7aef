//! An app's subscriptions, and the loops that pass messages to the app.

use crate::{
    app::App,
    broker::{Deliveries, Message},
    running::Running,
    shared::Pool,
};
use anyhow::{Result, anyhow, bail};
use std::{num::NonZeroUsize, sync::Arc};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

/// The instances that handle messages.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Instances {
    /// A fresh instance for each message.
    #[default]
    Fresh,
    /// This many shared instances. They live as long as the subscriptions, and each can handle several messages at
    /// once: see [`Pool`].
    Shared(NonZeroUsize),
}

/// The subscriptions of an app.
#[derive(Debug, Clone)]
pub struct Subscriptions {
    /// The topics for the app's handler. One instance gets each message.
    pub topics: Vec<String>,
    /// Topics for replies: every shared instance gets each message, so that a reply reaches the instance that sent the
    /// request. `queue` does not apply to them.
    pub inboxes: Vec<String>,
    /// The queue in which the app shares messages with other processes.
    pub queue: Option<String>,
    /// The number of messages of one topic that are handled at once; of an inbox, the number for each instance.
    pub concurrency: u32,
    /// The instances that handle the messages.
    pub instances: Instances,
}

impl Default for Subscriptions {
    /// Returns no topics, no queue, one message at once, and fresh instances.
    fn default() -> Self {
        let (topics, inboxes, queue, instances) = Default::default();
        Self { topics, inboxes, queue, concurrency: 1, instances }
    }
}

/// The instance that gets the messages of a subscription.
#[derive(Clone)]
enum Recipient {
    /// A fresh instance for each message.
    Fresh(App),
    /// The shared instance with the fewest messages.
    Any(Arc<Pool>),
    /// One particular shared instance.
    One(Arc<Pool>, usize),
}

impl App {
    /// Subscribes the topics and passes their messages to the app's handler.
    pub async fn start(&self, subscriptions: &Subscriptions) -> Result<Running> {
        let Subscriptions { topics, inboxes, queue, concurrency, instances } = subscriptions;
        let (stop, queue) = (watch::Sender::new(()), queue.as_deref());
        let mut running =
            Running { stop, loops: Vec::new(), permits: Vec::new(), concurrency: *concurrency, pool: None };
        if topics.is_empty() && inboxes.is_empty() {
            return Ok(running);
        }
        if self.inner.handler.is_none() {
            bail!("`{}` has no `wasi:messaging/incoming-handler@0.2.0-draft`, so it cannot subscribe", self.name());
        }
        let (any, each) = match instances {
            Instances::Fresh => (Recipient::Fresh(self.clone()), vec![Recipient::Fresh(self.clone())]),
            Instances::Shared(number) => {
                let pool = running.pool.insert(Arc::new(self.share(*number).await?));
                let each = (0..number.get()).map(|index| Recipient::One(Arc::clone(pool), index)).collect();
                (Recipient::Any(Arc::clone(pool)), each)
            }
        };
        for topic in topics {
            self.subscribe(&mut running, topic, queue, any.clone()).await?;
        }
        for topic in inboxes {
            for one in &each {
                self.subscribe(&mut running, topic, None, one.clone()).await?;
            }
        }
        Ok(running)
    }

    async fn subscribe(
        &self,
        running: &mut Running,
        topic: &str,
        queue: Option<&str>,
        recipient: Recipient,
    ) -> Result<()> {
        let opened = self.inner.services.broker.subscribe(topic, queue).await;
        let deliveries = opened.map_err(|error| anyhow!("`{}` cannot subscribe `{topic}`: {error}", self.name()))?;
        // Each topic has its own permits: handlers that wait for a reply must not block the reply's topic.
        let permits = Arc::new(Semaphore::new(running.concurrency as usize));
        running.permits.push(Arc::clone(&permits));
        running.loops.push(tokio::spawn(recipient.serve(deliveries, permits, running.stop.subscribe())));
        Ok(())
    }
}

impl Recipient {
    async fn serve(self, mut deliveries: Deliveries, permits: Arc<Semaphore>, mut stop: watch::Receiver<()>) {
        loop {
            let message = tokio::select! {
                biased;
                _ = stop.changed() => return,
                message = deliveries.recv() => message,
            };
            let Some(message) = message else { return };
            let Ok(permit) = Arc::clone(&permits).acquire_owned().await else { return };
            self.give(message, permit);
        }
    }

    /// Passes a message on. The permit is released once the message has been handled.
    fn give(&self, message: Message, permit: OwnedSemaphorePermit) {
        match self {
            Recipient::Fresh(app) => {
                let app = app.clone();
                tokio::spawn(async move {
                    app.handle(message).await;
                    drop(permit);
                });
            }
            Recipient::Any(pool) => pool.give(pool.idlest(), message, move |_| drop(permit)),
            Recipient::One(pool, index) => pool.give(*index, message, move |_| drop(permit)),
        }
    }
}
