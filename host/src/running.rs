//! Loops that receive messages or requests until they are stopped.

use crate::shared::Pool;
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::{Semaphore, watch},
    task::JoinHandle,
};

/// A running app: it has open subscriptions, or serves HTTP.
pub struct Running {
    /// Ends the loops.
    pub(crate) stop: watch::Sender<()>,
    pub(crate) loops: Vec<JoinHandle<()>>,
    /// A semaphore for each loop. It has one permit for each message or request that may be handled at once.
    pub(crate) permits: Vec<Arc<Semaphore>>,
    pub(crate) concurrency: u32,
    pub(crate) pool: Option<Arc<Pool>>,
}

impl Running {
    /// Returns the shared instances, if there are any.
    #[must_use]
    pub fn pool(&self) -> Option<Arc<Pool>> {
        self.pool.clone()
    }

    /// Returns whether a message or request is being handled.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.permits.iter().any(|permits| permits.available_permits() < self.concurrency as usize)
    }

    /// Stops receiving messages and requests, and waits at most `grace` for unfinished ones. Returns the number that
    /// remained unfinished.
    pub async fn stop(self, grace: Duration) -> usize {
        // If there are no receivers, no loop is left to stop.
        let _ = self.stop.send(());
        let all_done = async {
            futures::future::join_all(self.loops).await;
            for permits in &self.permits {
                let _ = permits.acquire_many(self.concurrency).await;
            }
        };
        let _ = tokio::time::timeout(grace, all_done).await;
        self.permits.iter().map(|permits| self.concurrency as usize - permits.available_permits()).sum()
    }
}
