//! Shared instances, for a mailbox in memory: their calls, their deaths, and what they have counted.

use super::{
    World,
    call::{DAY, question},
};
use crate::{
    faults::{Ask, Asked, Guest},
    history::{Call, Ended, Event, Job},
};
use msgcompose_host::{Message, Pool};
use std::{
    num::NonZeroUsize,
    ops::Range,
    pin::pin,
    sync::{Arc, MutexGuard, PoisonError},
};
use tokio::time::timeout;

/// A shared instance. When it is killed, a fresh one takes its place.
#[derive(Clone)]
pub struct Shared {
    /// The instance: a pool of one.
    pool: Arc<Pool>,
    /// The call with which it began.
    life: Call,
    killed: bool,
}

impl World {
    /// Makes all shared instances.
    pub(super) async fn share_all(&self) {
        for index in 0..self.plan.hosts.len() * self.plan.instances {
            let fresh = self.share(index).await;
            self.shared().push(fresh);
        }
    }

    async fn share(&self, index: usize) -> Shared {
        let host = index / self.plan.instances;
        let caller = self.begin(host, Job::Instance(index), None, false);
        let app = self.parts.requester(&self.plan, false).on(&self.services(&caller, host));
        let pool = app.share(NonZeroUsize::MIN).await.unwrap_or_else(|error| panic!("{error:#}"));
        Shared { pool: Arc::new(pool), life: caller.call, killed: false }
    }

    fn shared(&self) -> MutexGuard<'_, Vec<Shared>> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets a shared instance make the requests of one message.
    pub(super) async fn ask_shared(&self, requests: Range<usize>) {
        let asks = &self.plan.asks[requests.clone()];
        let host = asks[0].host;
        // A sync guest makes one request at once: it begins when an instance is free.
        let alone = self.plan.guest == Guest::Sync;
        let _permit = if alone { Some(self.permits[host].acquire().await) } else { None };
        let index = {
            let state = &mut *self.state();
            let place = state.dice.index(self.plan.instances.min(state.free[host].len()));
            if alone { state.free[host].swap_remove(place) } else { state.free[host][place] }
        };
        let shared = self.shared()[index].clone();
        let calls: Vec<Call> = requests
            .clone()
            .map(|number| self.begin(host, Job::Request(number), Some(shared.life), false).call)
            .collect();
        let message = if alone {
            let Ask { composed, timeout, expected, .. } = asks[0];
            question(requests.start, if composed { "echo" } else { "prices" }, timeout, expected)
        } else {
            questions(requests.start, asks)
        };
        let mut handled = pin!(timeout(DAY, shared.pool.handle(message)));
        let ended = tokio::select! {
            biased;
            () = self.death(self.plan.chances.kill) => {
                self.kill(index, &shared).await;
                handled.await
            }
            ended = &mut handled => ended,
        };
        if alone {
            self.state().free[host].push(index);
        }
        let ended = ended.map_or(Ended::Never, Ended::from);
        for call in calls {
            self.tell(Event::Ended { call, ended: ended.clone() });
        }
    }

    /// Kills a shared instance, if nobody else has. Half of them are asked for their counts before.
    async fn kill(&self, index: usize, shared: &Shared) {
        if self.draw(|dice, _| dice.chance(500_000)) {
            self.count(index, shared).await;
        }
        {
            let place = &mut self.shared()[index];
            if place.life != shared.life || place.killed {
                return;
            }
            place.killed = true;
        }
        shared.pool.kill();
        self.tell(Event::Ended { call: shared.life, ended: Ended::Killed });
        let fresh = self.share(index).await;
        self.shared()[index] = fresh;
    }

    /// Asks a shared instance how many replies it has dropped. If it is killed meanwhile, nobody learns that.
    async fn count(&self, index: usize, shared: &Shared) {
        let dropped = shared.pool.dropped().await;
        let lives = {
            let place = &self.shared()[index];
            place.life == shared.life && !place.killed
        };
        if lives {
            self.tell(Event::Counted { call: shared.life, dropped });
        }
    }

    /// Asks all shared instances, at the end.
    pub(super) async fn count_all(&self) {
        let all = self.shared().clone();
        for (index, shared) in all.iter().enumerate() {
            self.count(index, shared).await;
        }
    }

    /// Delivers a reply to the shared instance whose inbox it is for, and to another one.
    pub(super) async fn call_shared(&self, reply: usize, attempt: usize, message: &Message) -> Ended {
        let number = self.plan.hosts.len() * self.plan.instances;
        let other = self.draw(|dice, _| dice.index(number));
        let inbox = message.topic.as_ref().and_then(|topic| self.state().inboxes.get(topic).copied()).unwrap_or(other);
        if other != inbox {
            self.hand(other, Job::Stray(reply), message.clone()).await;
        }
        self.hand(inbox, Job::Reply(reply, attempt), message.clone()).await
    }

    async fn hand(&self, index: usize, job: Job, message: Message) -> Ended {
        let shared = self.shared()[index].clone();
        let call = self.begin(index / self.plan.instances, job, Some(shared.life), false).call;
        let ended = timeout(DAY, shared.pool.handle(message)).await.map_or(Ended::Never, Ended::from);
        self.tell(Event::Ended { call, ended: ended.clone() });
        ended
    }
}

/// The message that lets an async guest make requests.
fn questions(first: usize, asks: &[Ask]) -> Message {
    let lines: Vec<String> = asks
        .iter()
        .enumerate()
        .map(|(index, Ask { composed, timeout, expected, .. })| {
            let topic = if *composed { "echo" } else { "prices" };
            format!("{topic} {timeout} {expected} r{}", first + index)
        })
        .collect();
    let mut message = Message::new(lines.join("\n"));
    if asks.iter().any(|ask| ask.asked == Asked::Racing) {
        message.set("swarm-race", "yes");
    }
    Message { topic: Some("probe".into()), ..message }
}
