//! A request and its reply over a NATS server on this machine, to a responder that is always the same: by a native client;
//! by a guest with the mailbox in memory, on a shared instance; and by the same guest with the mailbox in a JetStream
//! key-value bucket. A guest is told to request many times, and what it takes to request once is taken off.

use super::nats::{Answering, BYTES, Nats, RUNS, build_host, make};
use anyhow::{Context, Result};
use async_nats::{Client, HeaderMap};
use futures::StreamExt;
use std::{
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

/// Requests of a run.
const TIMES: u32 = 2_000;

/// Longer than anything takes that is not stuck.
const PATIENCE: Duration = Duration::from_mins(2);

/// Builds what is to be compared, and compares.
pub fn run(root: &Path, msgcompose: &Path) -> Result<()> {
    let guest = root.join("fixtures/prebuilt/rounds.wasm");
    let flagship = ["--adapter", "reqreply-over-pubsub", "--set", "reply-topic=replies"];
    let keyvalue = make(msgcompose, "plug", &guest, &flagship)?;
    let mixed = make(msgcompose, "plug", &guest, &[&flagship[..], &["--set", "mailbox=memory"]].concat())?;
    let in_async = [&flagship[..], &["--set", "mailbox=memory", "--dialect", "async"]].concat();
    let in_async = make(msgcompose, "plug", &guest, &in_async)?;
    let host = build_host(root)?;
    let threads = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let nats = Nats::start(&["-js"])?;
    let client = threads.block_on(answer(&nats.url))?;

    let native = median(|| threads.block_on(native(&client)))?;
    let shared = ["--instance", "shared", "--inbox", "replies.>"];
    let by_guest = |component: &Path, inbox: &str, arguments: &[&str]| -> Result<f64> {
        let mut command = Command::new(&host);
        command.arg(format!("{}=rounds,{inbox}", component.display()));
        command.args(["--broker", &nats.url, "--quiet"]).args(arguments);
        let _asking = Answering::start(&mut command)?;
        median(|| threads.block_on(guest_s(&client)))
    };
    let mixed = by_guest(&mixed, "replies.>", &shared)?;
    let in_async = by_guest(&in_async, "replies.>", &shared)?;
    let keyvalue = by_guest(&keyvalue, "replies", &["--keyvalue", "nats"])?;

    println!("\nmedian of {RUNS} runs of {TIMES}; a request and its reply of {BYTES} bytes over NATS");
    println!("{:<44} {:>10} {:>10}", "by", "\u{b5}s", "of native");
    for (name, each) in [
        ("a native client", native),
        ("a guest, mailbox in memory, dialect mixed", mixed),
        ("a guest, mailbox in memory, dialect async", in_async),
        ("a guest, mailbox in JetStream", keyvalue),
    ] {
        println!("{name:<44} {:>10.1} {:>10.2}", each * 1e6, each / native);
    }
    println!("in JetStream it takes {:.1} times as long as in memory", keyvalue / mixed);
    Ok(())
}

/// Answers what comes on `echo`, for native clients and for those that say in a header where to; gives a client that asks.
async fn answer(url: &str) -> Result<Client> {
    let answering = async_nats::connect(url).await?;
    let mut asked = answering.subscribe("echo").await?;
    answering.flush().await?;
    tokio::spawn(async move {
        while let Some(message) = asked.next().await {
            let mut headers = HeaderMap::new();
            let header = |name: &str| message.headers.as_ref().and_then(|headers| headers.get(name).cloned());
            let to = header("reply-to").map(|to| to.to_string().into()).or(message.reply.clone());
            if let Some(id) = header("correlation-id") {
                headers.insert("correlation-id", id);
            }
            let Some(to) = to else { continue };
            // Who does not get an answer says so.
            let _ = answering.publish_with_headers(to, headers, message.payload).await;
        }
    });
    Ok(async_nats::connect(url).await?)
}

/// Seconds of one request of a native client.
async fn native(client: &Client) -> Result<f64> {
    let data = vec![7; BYTES.parse()?];
    let start = Instant::now();
    for _ in 0..TIMES {
        client.request("echo", data.clone().into()).await?;
    }
    Ok(start.elapsed().as_secs_f64() / f64::from(TIMES))
}

/// Seconds of one request of the guest.
async fn guest_s(client: &Client) -> Result<f64> {
    let once = told(client, 1).await?;
    let many = told(client, TIMES + 1).await?;
    Ok(many.saturating_sub(once).as_secs_f64() / f64::from(TIMES))
}

/// How long the guest takes to request so many times.
async fn told(client: &Client, times: u32) -> Result<Duration> {
    let mut done = client.subscribe("done").await?;
    client.flush().await?;
    let mut headers = HeaderMap::new();
    headers.insert("reply-to", "done");
    let start = Instant::now();
    client.publish_with_headers("rounds", headers, format!("echo {times} {BYTES}").into()).await?;
    tokio::time::timeout(PATIENCE, done.next()).await.context("the guest does not come to an end")?;
    Ok(start.elapsed())
}

fn median(mut run: impl FnMut() -> Result<f64>) -> Result<f64> {
    let mut took = (0..RUNS).map(|_| run()).collect::<Result<Vec<_>>>()?;
    took.sort_by(f64::total_cmp);
    Ok(took[RUNS / 2])
}
