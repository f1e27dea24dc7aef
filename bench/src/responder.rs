//! Does natively what the guest `echo` does in a component: answers each request with its data. It runs on one thread.

use anyhow::Result;
use futures::StreamExt;

/// Serves the topic `echo` until the process is ended.
pub async fn run(url: &str) -> Result<()> {
    let client = async_nats::connect(url).await?;
    let mut messages = client.subscribe("echo").await?;
    while let Some(message) = messages.next().await {
        if let Some(to) = message.reply {
            client.publish(to, message.payload).await?;
        }
    }
    Ok(())
}
