//! What an app subscribes to, and the loops that give it the messages that come.

use crate::{
    app::App,
    broker::{Deliveries, Message},
    running::Running,
    shared::Pool,
};
use anyhow::{Result, anyhow, bail};
use std::{num::NonZeroUsize, sync::Arc};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

/// The instances that messages are given to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Instances {
    /// One for each message.
    #[default]
    Fresh,
    /// So many, which live as long as the subscriptions, each with several messages at once: see [`Pool`].
    Shared(NonZeroUsize),
}

/// What an app is started with.
#[derive(Debug, Clone)]
pub struct Subscriptions {
    /// Topics that its handler gets. Each message is given to one instance.
    pub topics: Vec<String>,
    /// Topics of which each shared instance gets every message, because a reply must reach the instance that asked. The
    /// queue does not hold for them.
    pub inboxes: Vec<String>,
    /// The queue that it shares its messages in with other processes.
    pub queue: Option<String>,
    /// Messages of one topic that are handled at once; of an inbox, by one instance.
    pub concurrency: u32,
    /// Who handles them.
    pub instances: Instances,
}

impl Default for Subscriptions {
    /// No topics, no queue, one message at once, fresh instances.
    fn default() -> Self {
        let (topics, inboxes, queue, instances) = Default::default();
        Self { topics, inboxes, queue, concurrency: 1, instances }
    }
}

/// Whom a subscription's messages go to.
#[derive(Clone)]
enum Recipient {
    /// A fresh instance.
    Fresh(App),
    /// The shared instance that has the least to do.
    Any(Arc<Pool>),
    /// One of the shared instances.
    One(Arc<Pool>, usize),
}

impl App {
    /// Opens subscriptions, and gives what comes to the app's handler.
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
        // Permits of its own: a handler that waits for a reply must not keep the reply from being handled.
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

    /// Hands a message over; the permit is given back when it has been handled.
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
