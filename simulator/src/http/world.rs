//! A world: a host with the component, and what its exchanges share.

use super::network::Servers;
use crate::dice::Dice;
use msgcompose_host::{App, Event};
use std::{sync::Arc, time::Duration};
use tokio::{io::DuplexStream, sync::mpsc, time::timeout};

/// The option `default-timeout-ms`.
pub const TIMEOUT: Duration = Duration::from_millis(1500);

/// What all buffers between a peer and the component may hold, in bytes.
pub const BUFFERS: usize = 1 << 19;

/// Longer than any exchange takes that is in time: reading and writing have a deadline each.
pub const IN_TIME: Duration = Duration::from_millis(3_200);

/// A world of one seed.
pub struct World {
    /// Where everything is drawn from.
    pub dice: Dice,
    /// The component.
    pub app: App,
    /// What its requests reach.
    pub servers: Arc<Servers>,
    /// What the host tells.
    pub events: mpsc::UnboundedReceiver<Event>,
}

/// How an exchange went: what the peer did, what came of it, and what is wrong with that.
pub struct Exchange {
    /// What the peer did.
    pub fault: String,
    /// What came of it.
    pub outcome: String,
    /// What is wrong with that.
    pub broken: Option<String>,
}

impl World {
    /// Opens a connection to the component. Its buffers have a seeded size.
    pub fn open(&mut self) -> DuplexStream {
        let size = self.dice.pick(&[64, 1_000, 4_096, 65_536]);
        let (ours, theirs) = tokio::io::duplex(size);
        let app = self.app.clone();
        tokio::spawn(async move { app.serve_connection(theirs).await });
        ours
    }

    /// Draws a body. No two are alike.
    pub fn body(&mut self, largest: u64) -> Vec<u8> {
        let length = match self.dice.index(4) {
            0 => self.dice.between(0, 3),
            1 => self.dice.between(0, largest),
            _ => self.dice.between(4, 600.min(largest)),
        };
        let letters = b"abcdefghijklmnopqrstuvwxyz0123456789";
        (0..length).map(|_| letters[self.dice.index(letters.len())]).collect()
    }
}

/// Waits for something as long as nobody should wait.
pub async fn patiently<T>(what: impl Future<Output = T>) -> Option<T> {
    timeout(Duration::from_hours(1), what).await.ok()
}
