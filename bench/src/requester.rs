//! Does natively what the guest `rounds` does in a component: makes as many requests as a message says, one after the
//! other, and then replies. It runs on one thread.

use anyhow::{Context, Result, ensure};
use async_nats::{Client, HeaderMap, Message};
use futures::StreamExt;

/// Handles the topic `rounds` until the process is ended.
pub async fn run(url: &str) -> Result<()> {
    let client = async_nats::connect(url).await?;
    let mut messages = client.subscribe("rounds").await?;
    while let Some(message) = messages.next().await {
        let client = client.clone();
        tokio::spawn(async move {
            if let Err(error) = handle(&client, &message).await {
                eprintln!("error: {error:#}");
            }
        });
    }
    Ok(())
}

async fn handle(client: &Client, message: &Message) -> Result<()> {
    let text = std::str::from_utf8(&message.payload)?;
    let [topic, times, bytes] = text.split(' ').collect::<Vec<_>>()[..] else {
        anyhow::bail!("three words, not `{text}`")
    };
    let (times, bytes): (u32, usize) = (times.parse()?, bytes.parse()?);
    let data = vec![7; bytes];
    for _ in 0..times {
        let reply = client.request(topic.to_owned(), data.clone().into()).await?;
        ensure!(reply.payload.len() == bytes, "a reply is no echo");
    }
    let to = message.headers.as_ref().and_then(|headers| headers.get("reply-to")).context("nobody waits for it")?;
    client.publish_with_headers(to.to_string(), HeaderMap::new(), "done".into()).await?;
    Ok(())
}
