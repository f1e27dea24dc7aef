//! Measures requests over a NATS server, for `cargo xtask bench mailbox`: prints the seconds of one, the median of some runs.
//!
//! `rounds URL client TIMES BYTES` requests by itself. `rounds URL guest TIMES BYTES` has a component do so that handles the
//! topic `rounds`, such as the fixture of this name, and takes off what it takes to request once. Both are answered by this
//! process.

use anyhow::{Context, Result, bail};
use async_nats::{Client, HeaderMap};
use futures::StreamExt;
use std::time::{Duration, Instant};

/// Runs; the median counts.
const RUNS: usize = 5;

/// Longer than anything takes that is not stuck.
const PATIENCE: Duration = Duration::from_mins(2);

#[tokio::main]
async fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [url, who, times, bytes] = &arguments[..] else { bail!("rounds URL client|guest TIMES BYTES") };
    let (times, bytes): (u32, usize) = (times.parse()?, bytes.parse()?);
    answer(url).await?;
    let client = async_nats::connect(url).await?;
    let mut took = Vec::new();
    for _ in 0..RUNS {
        let all = if who == "client" {
            by_client(&client, times, bytes).await?
        } else {
            let once = by_guest(&client, 1, bytes).await?;
            by_guest(&client, times + 1, bytes).await?.saturating_sub(once)
        };
        took.push(all.as_secs_f64() / f64::from(times));
    }
    took.sort_by(f64::total_cmp);
    println!("{}", took[RUNS / 2]);
    Ok(())
}

/// Answers what comes on `echo`, for clients of NATS and for those that say in a header where to.
async fn answer(url: &str) -> Result<()> {
    let client = async_nats::connect(url).await?;
    let mut asked = client.subscribe("echo").await?;
    client.flush().await?;
    tokio::spawn(async move {
        while let Some(message) = asked.next().await {
            let header = |name: &str| message.headers.as_ref().and_then(|headers| headers.get(name).cloned());
            let named = header("reply-to").map(|topic| topic.to_string().into());
            let Some(topic) = named.or_else(|| message.reply.clone()) else { continue };
            let mut headers = HeaderMap::new();
            if let Some(id) = header("correlation-id") {
                headers.insert("correlation-id", id);
            }
            // Who gets no answer says so.
            let _ = client.publish_with_headers(topic, headers, message.payload).await;
        }
    });
    Ok(())
}

async fn by_client(client: &Client, times: u32, bytes: usize) -> Result<Duration> {
    let data = vec![7; bytes];
    let start = Instant::now();
    for _ in 0..times {
        client.request("echo", data.clone().into()).await?;
    }
    Ok(start.elapsed())
}

async fn by_guest(client: &Client, times: u32, bytes: usize) -> Result<Duration> {
    let mut done = client.subscribe("done").await?;
    client.flush().await?;
    let mut headers = HeaderMap::new();
    headers.insert("reply-to", "done");
    let start = Instant::now();
    client.publish_with_headers("rounds", headers, format!("echo {times} {bytes}").into()).await?;
    tokio::time::timeout(PATIENCE, done.next()).await.context("the guest does not come to an end")?;
    Ok(start.elapsed())
}
