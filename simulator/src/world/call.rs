//! The calls of components: requests, deliveries and responders. Without a mailbox in memory, each has a fresh instance.

use super::{Caller, World};
use crate::history::{Call, Ended, Event, Job};
use msgcompose_host::{Broker, Clock, KeyValue, Message, Outcome, Random, Services};
use std::{ops::Range, sync::Arc, time::Duration};
use tokio::{
    sync::mpsc,
    time::{sleep, timeout},
};

/// Longer than anything takes, in virtual time.
pub(super) const DAY: Duration = Duration::from_hours(24);

/// How often the broker delivers a reply that a handler did not take.
const ATTEMPTS: usize = 6;

impl World {
    /// Lets the guest make the requests of one message.
    pub(super) async fn ask(&self, requests: Range<usize>) {
        if self.plan.mailbox.in_memory() {
            self.ask_shared(requests).await;
        } else {
            let (number, ask) = (requests.start, &self.plan.asks[requests.start]);
            let topic = if ask.composed { "echo" } else { "prices" };
            let message = question(number, topic, ask.timeout, ask.expected);
            self.call(ask.host, Job::Request(number), message).await;
        }
    }

    /// Delivers a reply until a handler takes it.
    pub async fn deliver(&self, reply: usize, message: Message) {
        for attempt in 0..ATTEMPTS {
            let ended = if self.plan.mailbox.in_memory() {
                self.call_shared(reply, attempt, &message).await
            } else {
                let host = self.draw(|dice, plan| dice.index(plan.hosts.len()));
                self.call(host, Job::Reply(reply, attempt), message.clone()).await
            };
            if ended == Ended::Ok {
                return;
            }
            let pause = self.draw(|dice, _| dice.between(10, 2_000));
            sleep(Duration::from_millis(pause)).await;
        }
    }

    /// Calls a fresh instance on a host, and tells the history.
    pub async fn call(&self, host: usize, job: Job, message: Message) -> Ended {
        let caller = self.begin(host, job, None, true);
        let before = self.plan.hosts[host].before;
        let app = match job {
            Job::Respond(_) => self.parts.responder(before),
            _ => self.parts.requester(&self.plan, before),
        };
        let app = app.on(&self.services(&caller, host));
        let ended = timeout(DAY, async {
            tokio::select! {
                biased;
                () = caller.dead() => Ended::Killed,
                () = self.death(self.plan.chances.kill / 2) => Ended::Killed,
                outcome = app.handle(message) => outcome.into(),
            }
        });
        let ended = ended.await.unwrap_or(Ended::Never);
        self.tell(Event::Ended { call: caller.call, ended: ended.clone() });
        ended
    }

    /// Returns when a call dies at any time, and not at a call of store or broker. Most never do.
    pub(super) async fn death(&self, in_a_million: u64) {
        let after = {
            let state = &mut *self.state();
            state.happens(in_a_million).then(|| state.dice.between(0, 2_000))
        };
        match after {
            Some(after) => sleep(Duration::from_millis(after)).await,
            None => std::future::pending().await,
        }
    }

    /// Begins a call, and draws whether it dies at a call of store or broker. `on` is the shared instance that it calls.
    pub(super) fn begin(&self, host: usize, job: Job, on: Option<Call>, mortal: bool) -> Caller {
        let mut state = self.state();
        let call = state.calls;
        state.calls += 1;
        let dies = mortal && state.happens(self.plan.chances.kill);
        let death = dies.then(|| (state.dice.between(0, 20), state.dice.chance(500_000)));
        state.tell(self.now(), Event::Begun { call, host, job, on });
        let instance = if let Job::Instance(index) = job { Some(index) } else { None };
        Caller::new(self.clone(), call, instance, death)
    }

    pub(super) fn services(&self, caller: &Caller, host: usize) -> Arc<Services> {
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
