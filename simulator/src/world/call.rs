//! The calls of components: requests, deliveries and responders, each on a fresh instance or on a shared one.

use super::{Caller, World};
use crate::history::{Ended, Event, Job};
use msgcompose_host::{App, Broker, Clock, KeyValue, Message, Outcome, Pool, Random, Services};
use std::{
    collections::BTreeSet,
    num::NonZeroUsize,
    sync::{Arc, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{
    sync::mpsc,
    time::{sleep, timeout},
};

/// Longer than anything takes, in virtual time.
const DAY: Duration = Duration::from_hours(24);

/// How often the broker delivers a reply that a handler did not take.
const ATTEMPTS: usize = 6;

impl World {
    pub(super) async fn ask(&self, number: usize) {
        let ask = &self.plan.asks[number];
        let topic = if ask.composed { "echo" } else { "prices" };
        let message = question(number, topic, ask.timeout, ask.expected);
        self.call(ask.host, Job::Request(number), message).await;
    }

    /// Delivers a reply until a handler takes it.
    pub async fn deliver(&self, reply: usize, message: Message) {
        for attempt in 0..ATTEMPTS {
            let host = self.draw(|dice, plan| dice.index(plan.hosts.len()));
            if self.call(host, Job::Reply(reply, attempt), message.clone()).await == Ended::Ok {
                return;
            }
            let pause = self.draw(|dice, _| dice.between(10, 2_000));
            sleep(Duration::from_millis(pause)).await;
        }
    }

    /// Calls a component on a host, and tells the history.
    pub async fn call(&self, host: usize, job: Job, message: Message) -> Ended {
        let shared = self.plan.mailbox.in_memory() && !matches!(job, Job::Respond(_));
        if shared && let Job::Request(_) = job {
            // The request begins when an instance is free.
            let _permit = self.permits[host].acquire().await;
            let index = {
                let state = &mut *self.state();
                let free = state.dice.index(state.free[host].len());
                state.free[host].swap_remove(free)
            };
            let call = self.begin(host, job, false).call;
            let pool = Arc::clone(&self.pools()[index]);
            let ended = tokio::select! {
                biased;
                () = self.death() => {
                    pool.kill();
                    let fresh = self.share(index, host).await;
                    self.pools()[index] = fresh;
                    Ended::Killed
                }
                ended = timeout(DAY, pool.handle(message)) => ended.map_or(Ended::Never, Ended::from),
            };
            self.state().free[host].push(index);
            self.tell(Event::Ended { call, ended: ended.clone() });
            return ended;
        }
        let caller = self.begin(host, job, !shared);
        let ended = timeout(DAY, async {
            if shared { self.call_shared(message).await } else { self.call_fresh(&caller, host, job, message).await }
        });
        let ended = ended.await.unwrap_or(Ended::Never);
        self.tell(Event::Ended { call: caller.call, ended: ended.clone() });
        ended
    }

    /// Returns when a call dies at any time, and not at a call of store or broker. Most never do.
    async fn death(&self) {
        let after = {
            let state = &mut *self.state();
            state.happens(self.plan.chances.kill / 2).then(|| state.dice.between(0, 2_000))
        };
        match after {
            Some(after) => sleep(Duration::from_millis(after)).await,
            None => std::future::pending().await,
        }
    }

    /// Calls a fresh instance, until it returns or is killed.
    async fn call_fresh(&self, caller: &Caller, host: usize, job: Job, message: Message) -> Ended {
        let before = self.plan.hosts[host].before;
        let app = self.parts.app(self.plan.mailbox, before, matches!(job, Job::Respond(_)));
        let app = app.on(&self.services(caller, host));
        tokio::select! {
            biased;
            () = caller.dead() => Ended::Killed,
            () = self.death() => Ended::Killed,
            outcome = app.handle(message) => outcome.into(),
        }
    }

    /// Gives a reply to the shared instance that has its inbox, and to another one.
    async fn call_shared(&self, message: Message) -> Ended {
        let pools = self.pools().clone();
        let other = self.draw(|dice, _| dice.index(pools.len()));
        let inbox = message.topic.as_ref().and_then(|topic| self.state().inboxes.get(topic).copied());
        let mut ended = Ended::Ok;
        for index in BTreeSet::from([inbox.unwrap_or(other), other]) {
            let outcome = pools[index].handle(message.clone()).await;
            if outcome != Outcome::Ok {
                ended = outcome.into();
            }
        }
        ended
    }

    pub(super) async fn share(&self, index: usize, host: usize) -> Arc<Pool> {
        let caller = self.begin(host, Job::Instance(index), false);
        let app: &App = self.parts.app(self.plan.mailbox, false, false);
        let pool = app.on(&self.services(&caller, host)).share(NonZeroUsize::MIN).await;
        Arc::new(pool.unwrap_or_else(|error| panic!("{error:#}")))
    }

    pub(super) fn pools(&self) -> MutexGuard<'_, Vec<Arc<Pool>>> {
        self.pools.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins a call, and draws whether it dies at a call of store or broker.
    pub(super) fn begin(&self, host: usize, job: Job, mortal: bool) -> Caller {
        let mut state = self.state();
        let call = state.calls;
        state.calls += 1;
        let dies = mortal && state.happens(self.plan.chances.kill);
        let death = dies.then(|| (state.dice.between(0, 20), state.dice.chance(500_000)));
        state.tell(self.now(), Event::Begun { call, host, job });
        let instance = if let Job::Instance(index) = job { Some(index) } else { None };
        Caller::new(self.clone(), call, instance, death)
    }

    fn services(&self, caller: &Caller, host: usize) -> Arc<Services> {
        let (watcher, _) = mpsc::unbounded_channel();
        let (broker, store) = (Broker::Other(Arc::new(caller.clone())), KeyValue::Other(Arc::new(caller.clone())));
        Arc::new(Services {
            clock: Clock::simulated(Arc::clone(&self.clocks[host]) as _),
            random: Random::seeded(self.draw(|dice, _| dice.bits())),
            environment: self.plan.environment().into_iter().collect(),
            ..Services::new(broker, store, watcher)
        })
    }
}

impl From<Outcome> for Ended {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Ok => Self::Ok,
            Outcome::Failed(error) => Self::Failed(error.to_string()),
            Outcome::Trapped(trap) if trap == "the instance is gone" => Self::Killed,
            Outcome::Trapped(trap) => Self::Trapped(trap),
        }
    }
}

/// The message that lets the guest make a request.
pub fn question(number: usize, topic: &str, timeout: u64, expected: u64) -> Message {
    let message = Message::new(format!("r{number}")).with("probe-topic", topic);
    let message = message.with("probe-timeout-ms", &timeout.to_string());
    let message = message.with("probe-expected-replies", &expected.to_string());
    Message { topic: Some("probe".into()), ..message }
}
