//! Has a requester make requests, answers them, and notes when each arrives. A requester makes the next request when it
//! has the reply to the last one, so the time between two is the latency of one.

use anyhow::{Context, Result, bail};
use async_nats::{Client, HeaderMap, Message, Subscriber};
use futures::StreamExt;
use std::{
    collections::BTreeMap,
    fmt::Write,
    time::{Duration, Instant},
};
use tokio::{
    task::JoinHandle,
    time::{sleep, timeout},
};

/// Longer than anything takes that is not stuck.
const PATIENCE: Duration = Duration::from_mins(10);

/// How long a requester that is starting may take for one request.
const ATTEMPT: Duration = Duration::from_millis(200);

/// How long to wait for a requester that has not subscribed.
const PAUSE: Duration = Duration::from_millis(10);

/// When each request arrived, by topic.
type Arrivals = BTreeMap<String, Vec<Instant>>;

/// Waits until a requester answers.
pub async fn ready(url: &str) -> Result<()> {
    let client = async_nats::connect(url).await?;
    let answering = answer(&client).await?;
    let mut done = client.subscribe("done.ready").await?;
    let start = Instant::now();
    while start.elapsed() < PATIENCE {
        ask(&client, "done.ready", "echo.ready", 1, 8).await?;
        match timeout(ATTEMPT, done.next()).await {
            // The server's own answer, that nobody serves the topic yet.
            Ok(Some(Message { status: Some(_), .. })) => sleep(PAUSE).await,
            Ok(_) => {
                answering.abort();
                return Ok(());
            }
            Err(_) => {}
        }
    }
    bail!("the requester does not answer")
}

/// Has a requester make `times` requests in each of some loops, all loops at once. Prints the seconds from the first
/// request to the end, and then the latency of each request in microseconds, a line each.
pub async fn run(url: &str, loops: u32, times: u32, bytes: usize) -> Result<()> {
    let client = async_nats::connect(url).await?;
    let answering = answer(&client).await?;
    let mut done = client.subscribe("done.measured").await?;
    client.flush().await?;
    for number in 0..loops {
        ask(&client, "done.measured", &format!("echo.{number}"), times, bytes).await?;
    }
    for _ in 0..loops {
        timeout(PATIENCE, done.next()).await.context("the requester does not come to an end")?;
    }
    let end = Instant::now();
    // Whoever answers ends when it gets this.
    client.publish("echo.end", "".into()).await?;
    let arrivals = timeout(PATIENCE, answering).await.context("nobody answers")??;
    let of_loops = || arrivals.iter().filter(|(topic, _)| *topic != "echo.ready").map(|(_, times)| times);
    let first = of_loops().filter_map(|times| times.first()).min().context("there was no request")?;
    let mut text = format!("{}\n", end.duration_since(*first).as_secs_f64());
    for times in of_loops() {
        for pair in times.windows(2) {
            writeln!(text, "{}", pair[1].duration_since(pair[0]).as_secs_f64() * 1e6)?;
        }
    }
    print!("{text}");
    Ok(())
}

async fn ask(client: &Client, reply_to: &str, topic: &str, times: u32, bytes: usize) -> Result<()> {
    let mut headers = HeaderMap::new();
    headers.insert("reply-to", reply_to);
    let text = format!("{topic} {times} {bytes}");
    // For requesters that know only NATS's own way, too.
    Ok(client.publish_with_reply_and_headers("rounds", reply_to.to_owned(), headers, text.into()).await?)
}

/// Answers what comes on `echo.*`: for clients of NATS, and for requesters that say in a header where replies go.
async fn answer(client: &Client) -> Result<JoinHandle<Arrivals>> {
    let asked = client.subscribe("echo.*").await?;
    client.flush().await?;
    Ok(tokio::spawn(answer_all(client.clone(), asked)))
}

async fn answer_all(client: Client, mut asked: Subscriber) -> Arrivals {
    let mut arrivals = Arrivals::new();
    while let Some(message) = asked.next().await {
        let now = Instant::now();
        if message.subject.as_str() == "echo.end" {
            break;
        }
        arrivals.entry(message.subject.to_string()).or_default().push(now);
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
    arrivals
}
