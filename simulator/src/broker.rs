//! The simulated broker, and the responder that it hands requests to. Messages are late, lost, doubled and reordered;
//! `send` blocks and fails.

use crate::{
    faults::{BLOCKED, Carries, Reply},
    history::{Event, Fault, Job},
    world::{Caller, World, gone},
};
use futures::future::BoxFuture;
use msgcompose_host::{Error, Message, broker::Publish};
use std::time::Duration;
use tokio::time::sleep;

/// How one `send` goes.
struct Course {
    took: u64,
    fault: Option<Fault>,
}

impl Publish for Caller {
    fn publish<'a>(&'a self, topic: &'a str, message: Message) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(async move {
            if topic == "probe.outcome" {
                self.world.tell(returned(&message));
                return Ok(());
            }
            self.send(topic, message).await
        })
    }
}

impl Caller {
    async fn send(&self, topic: &str, message: Message) -> Result<(), Error> {
        self.may_die(false).await;
        let world = &self.world;
        let Course { took, fault } = self.draw();
        let data = String::from_utf8_lossy(&message.data).into_owned();
        let id = message.get("correlation-id").unwrap_or_default().to_owned();
        let reply_to = message.get("reply-to").map(str::to_owned);
        if let (Some(instance), Some(inbox)) = (self.instance, &reply_to) {
            world.state().inboxes.insert(inbox.clone(), instance);
        }
        world.tell(Event::Sent { call: self.call, topic: topic.to_owned(), data, id, reply_to, fault, took });
        if fault == Some(Fault::SendFailedBefore) {
            sleep(Duration::from_millis(took)).await;
            return Err(gone());
        }
        world.carry(topic, &message);
        self.may_die(true).await;
        sleep(Duration::from_millis(took)).await;
        if fault == Some(Fault::SendFailedAfter) { Err(gone()) } else { Ok(()) }
    }

    fn draw(&self) -> Course {
        let (state, chances) = (&mut *self.world.state(), self.world.plan.chances);
        let took = state.dice.between(0, 3);
        if state.happens(chances.send_block) {
            return Course { took: state.dice.between(1_000, BLOCKED), fault: Some(Fault::SendBlocked) };
        }
        let fault = if state.happens(chances.send_fail) {
            Some(state.dice.pick(&[Fault::SendFailedBefore, Fault::SendFailedAfter]))
        } else {
            None
        };
        Course { took, fault }
    }
}

impl World {
    /// Takes a message, and hands it over later: once, never, or twice.
    fn carry(&self, topic: &str, message: &Message) {
        let Some(request) = number(message) else { return };
        let message = &Message { topic: Some(topic.to_owned()), ..message.clone() };
        let reply = topic.starts_with("replies").then(|| self.replied(request, message, Carries::Right));
        let (mut times, mut fault) = (1, None);
        {
            let state = &mut *self.state();
            if state.happens(self.plan.chances.drop) {
                (times, fault) = (0, Some(Fault::Dropped));
            } else if state.happens(self.plan.chances.duplicate) {
                (times, fault) = (2, Some(Fault::Duplicated));
            }
        }
        if let Some(fault) = fault {
            self.tell(Event::Broker { fault, text: format!("to {topic} of r{request}") });
        }
        for _ in 0..times {
            let delay = self.draw(|dice, plan| dice.between(0, plan.spread));
            let (world, message) = (self.clone(), message.clone());
            self.spawn(async move {
                sleep(Duration::from_millis(delay)).await;
                match (reply, message.topic.as_deref()) {
                    (Some(reply), _) => world.deliver(reply, message).await,
                    (None, Some("echo")) => {
                        let host = world.draw(|dice, plan| dice.index(plan.hosts.len()));
                        world.call(host, Job::Respond(request), message).await;
                    }
                    (None, Some("prices")) => world.respond(request, &message),
                    _ => {}
                }
            });
        }
    }

    /// The responder of the simulator: sends the replies that the seed drew.
    fn respond(&self, request: usize, asked: &Message) {
        let world = self.clone();
        for (index, Reply { copies, carries }) in self.plan.asks[request].replies.iter().enumerate() {
            let (unknown, message_id) = self.draw(|dice, _| (dice.id(), dice.id()));
            let id = match carries {
                Carries::Right | Carries::NoMessageId => asked.get("correlation-id").unwrap_or_default(),
                Carries::Malformed => "none",
                Carries::Unknown => &unknown,
            };
            let mut message = Message::new(format!("r{request}.{index}")).with("correlation-id", id).with("n", "1");
            if *carries != Carries::NoMessageId {
                message.set("message-id", &message_id);
            }
            message.topic = asked.get("reply-to").map(str::to_owned);
            let reply = self.replied(request, &message, *carries);
            for delay in copies {
                let (message, delay) = (message.clone(), *delay);
                let task = world.clone();
                world.spawn(async move {
                    sleep(Duration::from_millis(delay)).await;
                    task.deliver(reply, message).await;
                });
            }
            let again = copies.len().saturating_sub(1);
            let mut faults = vec![Fault::Duplicated; again];
            faults.extend(matches!(carries, Carries::Malformed | Carries::Unknown).then_some(Fault::BadId));
            for fault in faults {
                self.tell(Event::Broker { fault, text: format!("reply {reply}") });
            }
        }
    }

    /// Numbers a reply.
    fn replied(&self, request: usize, message: &Message, carries: Carries) -> usize {
        let mut state = self.state();
        let reply = state.replies;
        state.replies += 1;
        let label = String::from_utf8_lossy(&message.data).into_owned();
        let get = |key| message.get(key).map(str::to_owned);
        let (id, message_id) = (get("correlation-id").unwrap_or_default(), get("message-id"));
        let topic = message.topic.clone().unwrap_or_default();
        state.tell(self.now(), Event::Replied { reply, request, topic, label, id, message_id, carries });
        reply
    }
}

/// Returns the number of the request that a message belongs to. Its data begin with `r` and the number.
fn number(message: &Message) -> Option<usize> {
    let data = std::str::from_utf8(&message.data).ok()?;
    data.strip_prefix('r')?.split('.').next()?.parse().ok()
}

/// Reads what the guest tells of its request.
fn returned(message: &Message) -> Event {
    let told = String::from_utf8_lossy(&message.data).into_owned();
    let mut lines: Vec<String> = told.lines().map(str::to_owned).collect();
    // The last line is the request itself, after the call.
    let asked = lines.pop().unwrap_or_default();
    let request = asked.rsplit('|').next().and_then(|data| data.strip_prefix('r')?.parse().ok()).unwrap_or(usize::MAX);
    let outcome = if lines.is_empty() { String::new() } else { lines.remove(0) };
    Event::Returned { request, outcome, replies: lines }
}
