//! Instances that are not fresh for each message: they live on, and have many messages in hand at once.
//!
//! A handler that is an `async func` may wait in one call while others come in, so a reply can reach the very instance
//! that asked for it.

mod worker;

use crate::{app::App, broker::Message, events::Outcome};
use anyhow::{Context, Result, ensure};
use std::{
    collections::BTreeMap,
    num::NonZeroUsize,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};
use tokio::sync::{mpsc, oneshot};
use worker::{Call, Order, Task, Worker};

/// An app's shared instances. They end when this is dropped and they have nothing in hand any more.
///
/// A trap ends all calls of its instance; each is reported as trapped, and a fresh instance goes on with what waits.
pub struct Pool {
    app: App,
    members: Vec<Member>,
    /// The member to begin with when looking for the one that has the least to do.
    turn: AtomicUsize,
}

struct Member {
    calls: mpsc::UnboundedSender<Order>,
    /// Each of its calls holds one of these.
    load: Arc<()>,
}

impl App {
    /// Makes instances that handle messages side by side.
    pub async fn share(&self, instances: NonZeroUsize) -> Result<Pool> {
        Pool::new(self, instances).await.with_context(|| format!("`{}` cannot have shared instances", self.name()))
    }

    /// Runs `wasi:cli/run`: of the first of these shared instances, which handles messages meanwhile, if that is an
    /// `async func`; else of a fresh instance.
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
        // More at once would gain nothing, and all of them would be lost by a trap.
        let at_once = if app.inner.handler.as_ref().is_some_and(|handler| handler.is_async) { usize::MAX } else { 1 };
        let mut members = Vec::new();
        for _ in 0..instances.get() {
            let instance = app.instantiate().await?;
            let (sender, calls) = mpsc::unbounded_channel();
            tokio::spawn(Worker { app: app.clone(), calls, at_once }.run(instance));
            members.push(Member { calls: sender, load: Arc::new(()) });
        }
        Ok(Self { app: app.clone(), members, turn: AtomicUsize::new(0) })
    }

    /// Gives one message to the instance that has the least to do, and waits until it is handled.
    pub async fn handle(&self, message: Message) -> Outcome {
        let (sender, outcome) = oneshot::channel();
        // Whoever asked may have gone.
        self.give(self.idlest(), message, move |outcome| _ = sender.send(outcome));
        outcome.await.unwrap_or_else(|_| Outcome::Trapped("the instance is gone".into()))
    }

    /// Runs `wasi:cli/run` of the first instance, which handles messages meanwhile.
    async fn run(&self) -> Outcome {
        let (sender, outcome) = oneshot::channel();
        // An instance that is gone runs nothing.
        let _ = self.members[0].calls.send(Order::Begin(Task::Program(sender)));
        outcome.await.unwrap_or_else(|_| Outcome::Trapped("the instance is gone".into()))
    }

    /// How many replies to requests of these instances were dropped, for each reason for which any was: what a component
    /// composed with `mailbox=memory` says in `msgcompose:reqreply/statistics`. What an instance had counted that is gone
    /// since is not in it.
    pub async fn dropped(&self) -> BTreeMap<String, u64> {
        let mut dropped = BTreeMap::new();
        for member in &self.members {
            let (sender, counts) = oneshot::channel();
            // An instance that is gone counts nothing.
            let _ = member.calls.send(Order::Count(sender));
            for (reason, count) in counts.await.unwrap_or_default() {
                *dropped.entry(reason).or_default() += count;
            }
        }
        dropped
    }

    /// The instance with the fewest messages in hand; of several the one whose turn it is.
    pub(crate) fn idlest(&self) -> usize {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        let indices = (0..self.members.len()).map(|offset| turn.wrapping_add(offset) % self.members.len());
        indices.min_by_key(|index| Arc::strong_count(&self.members[*index].load)).unwrap_or(0)
    }

    /// Hands one message over to an instance; `done` is called when it is handled.
    pub(crate) fn give(&self, instance: usize, message: Message, done: impl FnOnce(Outcome) + Send + 'static) {
        let Member { calls, load } = &self.members[instance];
        let topic = message.topic.clone().unwrap_or_default();
        let call = Call { message, topic, done: Box::new(done), load: Arc::clone(load) };
        if let Err(mpsc::error::SendError(Order::Begin(task))) = calls.send(Order::Begin(Task::Message(call))) {
            task.end(&self.app, Outcome::Trapped("the instance is gone".into()));
        }
    }
}
