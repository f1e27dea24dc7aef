//! Benches print ratios to a named reference, measured in the same run. They inform the reader; no ratio makes them
//! fail.

mod compose;
mod http;
mod link;
mod mailbox;
mod nats;
mod uplift;
mod usage;

use crate::workspace;
use anyhow::Result;
use clap::ValueEnum;
use std::path::Path;

/// The subject of a bench.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Subject {
    /// `msgcompose plug` against `wac plug`
    Compose,
    /// `messaging-over-http` on `wasmtime serve` against a component without messaging
    Http,
    /// Linked guests against a direct call and against NATS
    Link,
    /// `reqreply-over-pubsub` with each mailbox against a native client
    Mailbox,
    /// `msgcompose uplift` against copying the guest
    Uplift,
}

/// Measures one subject, or all.
pub fn run(root: &Path, subject: Option<Subject>) -> Result<()> {
    let msgcompose = workspace::release(root, "msgcompose", "msgcompose")?;
    let is_wanted = |one| subject.is_none_or(|subject| subject == one);
    if is_wanted(Subject::Compose) {
        compose::run(root, &msgcompose)?;
    }
    if is_wanted(Subject::Http) {
        http::run(root, &msgcompose)?;
    }
    if is_wanted(Subject::Link) {
        link::run(root, &msgcompose)?;
    }
    if is_wanted(Subject::Mailbox) {
        mailbox::run(root, &msgcompose)?;
    }
    if is_wanted(Subject::Uplift) {
        uplift::run(root, &msgcompose)?;
    }
    Ok(())
}
