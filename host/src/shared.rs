//! Shared instances: they live on after a message or a request, and can handle many at once.
//!
//! A handler that is an `async func` may wait in one call while other calls enter the instance. So a reply can reach
//! the instance that sent the request.

mod worker;

use crate::{app::App, broker::Message, events::Outcome, http::Exchange};
use anyhow::{Context, Result, ensure};
use std::{
    collections::BTreeMap,
    num::NonZeroUsize,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};
use tokio::{
    sync::{mpsc, oneshot},
    task::AbortHandle,
};
use worker::{Ask, Call, Order, Task, Worker};

/// The shared instances of an app. After this is dropped, each ends once its calls have returned.
///
/// A trap ends all calls of its instance, and each is reported as trapped. A fresh instance takes over the waiting
/// messages and requests.
pub struct Pool {
    pub(crate) app: App,
    members: Vec<Member>,
    /// Where the search for the least loaded member begins. It rotates.
    turn: AtomicUsize,
}

struct Member {
    worker: AbortHandle,
    calls: mpsc::UnboundedSender<Order>,
    /// Each call of the member holds a clone, so the reference count is its load.
    load: Arc<()>,
}

impl App {
    /// Makes shared instances of the component.
    pub async fn share(&self, instances: NonZeroUsize) -> Result<Pool> {
        Pool::new(self, instances).await.with_context(|| format!("`{}` cannot have shared instances", self.name()))
    }

    /// Runs `wasi:cli/run`. If `run` is an `async func`, it runs in the first shared instance, which handles messages
    /// meanwhile. Otherwise it runs in a fresh instance.
    pub async fn run(&self, shared: Option<&Pool>) -> Outcome {
        match (shared, &self.inner.command) {
            (Some(pool), Some(program)) if program.is_async => pool.run().await,
            _ => self.run_fresh().await,
        }
    }
}

impl Pool {
    async fn new(app: &App, instances: NonZeroUsize) -> Result<Self> {
        let concurrent = app.inner.pre.engine().get_concurrency_support();
        ensure!(concurrent, "the engine is set up without support for concurrency");
        // A sync handler gets one call at a time. More would gain nothing, and a trap would lose all of them.
        let is_async = app.inner.handler.as_ref().is_some_and(|handler| handler.is_async) || app.shares_requests();
        let at_once = if is_async { usize::MAX } else { 1 };
        let mut members = Vec::new();
        for _ in 0..instances.get() {
            let instance = app.instantiate().await?;
            let (sender, calls) = mpsc::unbounded_channel();
            let worker = tokio::spawn(Worker { app: app.clone(), calls, at_once }.run(instance)).abort_handle();
            members.push(Member { worker, calls: sender, load: Arc::new(()) });
        }
        Ok(Self { app: app.clone(), members, turn: AtomicUsize::new(0) })
    }

    /// Passes a message to the instance with the least load, and waits until it has been handled.
    pub async fn handle(&self, message: Message) -> Outcome {
        let (sender, outcome) = oneshot::channel();
        // The receiver may be gone.
        self.give(self.idlest(), message, move |outcome| _ = sender.send(outcome));
        outcome.await.unwrap_or_else(|_| Outcome::Trapped("the instance is gone".into()))
    }

    /// Passes a request to the instance with the least load, and waits until it has been answered.
    pub(crate) async fn exchange(&self, exchange: Exchange) -> Outcome {
        let Member { calls, load, .. } = &self.members[self.idlest()];
        let (done, outcome) = oneshot::channel();
        let ask = Ask { exchange: Some(Box::new(exchange)), done, load: Arc::clone(load) };
        // If the instance is gone, the receiver below fails.
        let _ = calls.send(Order::Begin(Task::Request(ask)));
        outcome.await.unwrap_or_else(|_| Outcome::Trapped("the instance is gone".into()))
    }

    /// Runs `wasi:cli/run` in the first instance, which handles messages meanwhile.
    async fn run(&self) -> Outcome {
        let (sender, outcome) = oneshot::channel();
        // If the instance is gone, the receiver below fails.
        let _ = self.members[0].calls.send(Order::Begin(Task::Program(sender)));
        outcome.await.unwrap_or_else(|_| Outcome::Trapped("the instance is gone".into()))
    }

    /// Returns how many replies to requests of these instances were dropped, by reason. A component composed with
    /// `mailbox=memory` counts them in `msgcompose:reqreply/statistics`. Counts of instances that are gone are lost.
    pub async fn dropped(&self) -> BTreeMap<String, u64> {
        let mut dropped = BTreeMap::new();
        for member in &self.members {
            let (sender, counts) = oneshot::channel();
            // If the instance is gone, it has no counts.
            let _ = member.calls.send(Order::Count(sender));
            for (reason, count) in counts.await.unwrap_or_default() {
                *dropped.entry(reason).or_default() += count;
            }
        }
        dropped
    }

    /// Ends all instances at once, with their calls, as when a host dies. Whoever waits for a call is told that the
    /// instance is gone.
    pub fn kill(&self) {
        self.members.iter().for_each(|member| member.worker.abort());
    }

    /// Returns the instance with the fewest messages and requests. Among equals it rotates.
    pub(crate) fn idlest(&self) -> usize {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        let indices = (0..self.members.len()).map(|offset| turn.wrapping_add(offset) % self.members.len());
        indices.min_by_key(|index| Arc::strong_count(&self.members[*index].load)).unwrap_or(0)
    }

    /// Passes a message to an instance, and calls `done` when it has been handled.
    pub(crate) fn give(&self, instance: usize, message: Message, done: impl FnOnce(Outcome) + Send + 'static) {
        let Member { calls, load, .. } = &self.members[instance];
        let topic = message.topic.clone().unwrap_or_default();
        let call = Call { message, topic, done: Box::new(done), load: Arc::clone(load) };
        if let Err(mpsc::error::SendError(Order::Begin(task))) = calls.send(Order::Begin(Task::Message(call))) {
            task.end(&self.app, Outcome::Trapped("the instance is gone".into()));
        }
    }
}
