//! The client that messages are sent with: connected on first use, and again after its connection broke.

use core::cell::RefCell;
use imports::messaging::types::{Client, Error};
use support::{Config, InstanceCell};

/// The client, unless it is in use.
static KEPT: InstanceCell<RefCell<Option<Client>>> = InstanceCell::new();

/// Takes the client, or connects one.
pub fn take(config: &Config) -> Result<Client, Error> {
    let kept = KEPT.get_or_init(RefCell::default).take();
    kept.map_or_else(|| Client::connect(config.text("client")), Ok)
}

/// Keeps the client for the next message, unless its connection broke.
pub fn keep<T>(client: Client, outcome: &Result<T, Error>) {
    if !matches!(outcome, Err(Error::Connection(_))) {
        KEPT.get_or_init(RefCell::default).replace(Some(client));
    }
}
