//! What runs until it is stopped: the loops that take messages or requests.

use crate::shared::Pool;
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::{Semaphore, watch},
    task::JoinHandle,
};

/// An app whose subscriptions are open, or that is being served.
pub struct Running {
    /// Ends the loops.
    pub(crate) stop: watch::Sender<()>,
    pub(crate) loops: Vec<JoinHandle<()>>,
    /// For each loop, one permit for each message or request that may be handled at once.
    pub(crate) permits: Vec<Arc<Semaphore>>,
    pub(crate) concurrency: u32,
    pub(crate) pool: Option<Arc<Pool>>,
}

impl Running {
    /// The shared instances, if it has any.
    #[must_use]
    pub fn pool(&self) -> Option<Arc<Pool>> {
        self.pool.clone()
    }

    /// Whether a message or a request is being handled.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.permits.iter().any(|permits| permits.available_permits() < self.concurrency as usize)
    }

    /// Takes no further messages or requests, and waits for those in hand, but no longer than `grace`. Gives the number of those
    /// that were not finished.
    pub async fn stop(self, grace: Duration) -> usize {
        // Without receivers there is no loop to stop.
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
