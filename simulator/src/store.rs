//! The simulated store. Each operation takes its time, and may fail before or after its effect.

use crate::{
    faults::Plan,
    history::{Event, Fault},
    world::{Caller, State, broken, text},
};
use futures::future::BoxFuture;
use msgcompose_host::keyvalue::{Error, Store};
use std::time::Duration;
use tokio::{task::yield_now, time::sleep};

/// How one operation goes.
struct Course {
    /// Milliseconds before the effect and after it.
    before: u64,
    after: u64,
    fault: Option<Fault>,
}

impl Course {
    fn draw(state: &mut State, plan: &Plan, writes: bool) -> Self {
        if state.quiet {
            return Self { before: 0, after: 0, fault: None };
        }
        let (latency, chances) = (plan.latency, plan.chances);
        let slow = state.happens(latency.spikes);
        let took = state.dice.between(latency.least, if slow { latency.slowest } else { latency.usual });
        let before = state.dice.between(0, took);
        let fault = if state.happens(chances.fail_before) {
            Some(Fault::FailedBefore)
        } else if state.happens(chances.fail_after) {
            Some(Fault::FailedAfter)
        } else if writes && state.happens(chances.lose) {
            Some(Fault::Lost)
        } else if !writes && state.happens(chances.stale) {
            Some(Fault::Stale)
        } else {
            slow.then_some(Fault::Slow)
        };
        Self { before, after: took - before, fault }
    }
}

impl Caller {
    /// Runs one operation: waits, has the effect on the bucket, waits. `effect` returns the result, and how the history
    /// shows it.
    async fn operate<T>(
        &self,
        (operation, key, writes): (&'static str, &str, bool),
        effect: impl FnOnce(&mut State, bool) -> Result<(T, String), Error>,
    ) -> Result<T, Error> {
        self.may_die(false).await;
        let world = &self.world;
        let Course { before, after, fault } = Course::draw(&mut world.state(), &world.plan, writes);
        pause(before).await;
        let result = {
            let mut state = world.state();
            let old = state.map.get(key).cloned();
            let result = match fault {
                Some(Fault::FailedBefore) => Err(broken()),
                _ => effect(&mut state, fault == Some(Fault::Stale)),
            };
            if fault == Some(Fault::Lost) {
                match old {
                    Some(old) => state.map.insert(key.to_owned(), old),
                    None => state.map.remove(key),
                };
            } else if writes && fault != Some(Fault::FailedBefore) {
                state.older.insert(key.to_owned(), old);
            }
            let (result, value) = match result {
                Ok((result, value)) => (Ok(result), value),
                Err(error) => (Err(error), "error".to_owned()),
            };
            let (key, took) = (key.to_owned(), before + after);
            state.tell(world.now(), Event::Did { call: self.call, operation, key, value, fault, took });
            result
        };
        self.may_die(true).await;
        pause(after).await;
        if fault == Some(Fault::FailedAfter) { Err(broken()) } else { result }
    }
}

/// Waits for this many milliseconds; lets others run if there are none.
async fn pause(milliseconds: u64) {
    match milliseconds {
        0 => yield_now().await,
        _ => sleep(Duration::from_millis(milliseconds)).await,
    }
}

impl Store for Caller {
    fn open<'a>(&'a self, bucket: &'a str) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(self.operate(("open", bucket, false), |_, _| Ok(((), String::new()))))
    }

    fn get<'a>(&'a self, _: &'a str, key: &'a str) -> BoxFuture<'a, Result<Option<Vec<u8>>, Error>> {
        Box::pin(self.operate(("get", key, false), move |state, stale| {
            let now = state.map.get(key).cloned();
            let value = if stale { state.older.get(key).cloned().unwrap_or(now) } else { now };
            let shown = value.as_deref().map_or("none".into(), text);
            Ok((value, shown))
        }))
    }

    fn set<'a>(&'a self, _: &'a str, key: &'a str, value: Vec<u8>) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(self.operate(("set", key, true), move |state, _| {
            let shown = text(&value);
            state.map.insert(key.to_owned(), value);
            Ok(((), shown))
        }))
    }

    fn delete<'a>(&'a self, _: &'a str, key: &'a str) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(self.operate(("delete", key, true), move |state, _| {
            let shown = state.map.remove(key).map_or("none".into(), |old| text(&old));
            Ok(((), shown))
        }))
    }

    fn increment<'a>(&'a self, _: &'a str, key: &'a str, delta: i64) -> BoxFuture<'a, Result<i64, Error>> {
        Box::pin(self.operate(("increment", key, true), move |state, _| {
            let number = state.map.get(key).map(|old| String::from_utf8_lossy(old).parse::<i64>());
            let number = number.unwrap_or(Ok(0)).map_err(|_| Error::Other("not a number".into()))?;
            let sum = number + delta;
            state.map.insert(key.to_owned(), sum.to_string().into_bytes());
            Ok((sum, format!("{sum} by {delta}")))
        }))
    }

    fn keys<'a>(&'a self, bucket: &'a str) -> BoxFuture<'a, Result<Vec<String>, Error>> {
        Box::pin(
            self.operate(("keys", bucket, false), |state, _| Ok((state.map.keys().cloned().collect(), String::new()))),
        )
    }
}
