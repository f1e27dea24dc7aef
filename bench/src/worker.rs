//! Measures what the lines of standard input say. Each component is compiled once, so that whoever writes the lines can
//! interleave what is measured. A line is a list of words with tabs between them:
//!
//! | words | answer |
//! |---|---|
//! | `calls PATH on\|off TOPIC PREFIX BYTES MS` | ns a call, host calls |
//! | `allocations PATH TOPIC PREFIX BYTES` | allocations a call of the parts |
//! | `starting PATH pool\|demand MS` | ns an instance, resident bytes, core instances, memories, tables |
//!
//! `on` and `off` are the engine's support of async. The answer is a line of numbers, or `error: ` and the reason.

use crate::{
    calls::{self, Input},
    host::Setup,
    instance::{Cache, Live},
    starting,
};
use anyhow::{Context, Result, bail};
use std::{
    collections::BTreeMap,
    io::{BufRead, Write},
    time::Duration,
};

/// Instances that are called, and what a call was found to call.
#[derive(Default)]
struct Worker {
    cache: Cache,
    live: BTreeMap<(String, Setup), Live>,
    host_calls: BTreeMap<String, u64>,
}

/// Answers each line until there are no more.
pub async fn run() -> Result<()> {
    let mut worker = Worker::default();
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let answer = match worker.answer(&line).await {
            Ok(numbers) => numbers.iter().map(f64::to_string).collect::<Vec<_>>().join(" "),
            Err(error) => format!("error: {error:#}").replace('\n', " "),
        };
        let mut out = std::io::stdout().lock();
        writeln!(out, "{answer}")?;
        out.flush()?;
    }
    Ok(())
}

impl Worker {
    /// Returns the instance of a component that is called.
    async fn live(&mut self, path: &str, setup: Setup) -> Result<&mut Live> {
        let key = (path.to_owned(), setup);
        if !self.live.contains_key(&key) {
            let made = self.cache.load(path, setup)?.live().await?;
            self.live.insert(key.clone(), made);
        }
        self.live.get_mut(&key).context("it was just put there")
    }

    #[allow(clippy::cast_precision_loss, reason = "counts are small")]
    async fn answer(&mut self, words: &str) -> Result<Vec<f64>> {
        match words.split('\t').collect::<Vec<_>>()[..] {
            ["calls", path, support, topic, prefix, bytes, budget] => {
                let setup = Setup { concurrency: support == "on", pooling: false, counting: false };
                let input = input(topic, prefix, bytes)?;
                // What is called does not depend on the time.
                let counted = words.rsplit_once('\t').map_or(words, |(all, _)| all).to_owned();
                let known = self.host_calls.get(&counted).copied();
                let live = self.live(path, setup).await?;
                let cost = calls::cost(live, &input, milliseconds(budget)?, known.is_none()).await?;
                let host_calls = *self.host_calls.entry(counted).or_insert(cost.host_calls);
                Ok(vec![cost.nanoseconds, host_calls as f64])
            }
            ["allocations", path, topic, prefix, bytes] => {
                let setup = Setup { concurrency: true, pooling: false, counting: true };
                let input = input(topic, prefix, bytes)?;
                Ok(vec![calls::allocations(self.live(path, setup).await?, &input).await?])
            }
            ["starting", path, allocator, budget] => {
                let setup = Setup { concurrency: true, pooling: allocator == "pool", counting: false };
                let loaded = self.cache.load(path, setup)?;
                let cost = starting::cost(&loaded, milliseconds(budget)?).await?;
                let made = if setup.pooling { starting::made(&loaded).await? } else { starting::Made::default() };
                let counts = [made.core_instances as f64, made.memories as f64, made.tables as f64];
                Ok([&[cost.nanoseconds, cost.bytes], &counts[..]].concat())
            }
            _ => bail!("nothing is measured by `{words}`"),
        }
    }
}

fn input(topic: &str, prefix: &str, bytes: &str) -> Result<Input> {
    let data = [prefix.as_bytes(), &vec![b'x'; bytes.parse()?]].concat();
    Ok(Input { topic: topic.to_owned(), data })
}

fn milliseconds(text: &str) -> Result<Duration> {
    Ok(Duration::from_millis(text.parse()?))
}
