//! Makes requests of whoever serves the topic `echo`, several at once, and notes how long each takes.

use anyhow::{Result, bail, ensure};
use async_nats::Client;
use futures::{StreamExt, TryStreamExt, stream};
use std::{
    fmt::Write,
    time::{Duration, Instant},
};

/// Longer than anything takes that is not stuck.
const PATIENCE: Duration = Duration::from_mins(10);

/// How long to wait for whoever is starting.
const PAUSE: Duration = Duration::from_millis(10);

/// Makes `times` requests of `bytes` bytes, `at_once` at any time. Prints the seconds that all took, and then the latency of
/// each in microseconds, a line each.
pub async fn run(url: &str, at_once: usize, times: usize, bytes: usize) -> Result<()> {
    let client = async_nats::connect(url).await?;
    ready(&client).await?;
    let start = Instant::now();
    let requests = stream::iter(0..times).map(|_| ask(&client, bytes)).buffer_unordered(at_once);
    let latencies: Vec<f64> = requests.try_collect().await?;
    let mut text = format!("{}\n", start.elapsed().as_secs_f64());
    for latency in latencies {
        writeln!(text, "{latency}")?;
    }
    print!("{text}");
    Ok(())
}

/// Waits until somebody answers.
async fn ready(client: &Client) -> Result<()> {
    let start = Instant::now();
    while start.elapsed() < PATIENCE {
        if ask(client, 8).await.is_ok() {
            return Ok(());
        }
        tokio::time::sleep(PAUSE).await;
    }
    bail!("nobody answers")
}

/// Makes a request, and returns the microseconds that it took.
async fn ask(client: &Client, bytes: usize) -> Result<f64> {
    let start = Instant::now();
    let reply = client.request("echo", vec![7; bytes].into()).await?;
    ensure!(reply.payload.len() == bytes, "a reply is no echo");
    Ok(start.elapsed().as_secs_f64() * 1e6)
}
