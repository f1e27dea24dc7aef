//! Prints and counts events.

use msgcompose_host::{Event, Outcome};
use std::{
    collections::BTreeSet,
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};
use tokio::sync::mpsc;

/// The counts of events so far.
#[derive(Default)]
pub struct Tally {
    sent: AtomicU64,
    handled: AtomicU64,
    answered: AtomicU64,
    failed: AtomicU64,
    /// The number of traps and of programs that failed.
    broken: AtomicU64,
}

impl Tally {
    fn count(&self, event: &Event) {
        let counter = match event {
            Event::Sent { result: Ok(()), .. } => &self.sent,
            Event::Handled { outcome: Outcome::Trapped(_), .. }
            | Event::Trapped { .. }
            | Event::Answered { outcome: Outcome::Trapped(_), .. }
            | Event::Ran { outcome: Outcome::Trapped(_) | Outcome::Failed(_), .. } => &self.broken,
            Event::Handled { outcome: Outcome::Ok, .. } => &self.handled,
            Event::Answered { outcome: Outcome::Ok, .. } => &self.answered,
            Event::Sent { .. } | Event::Handled { .. } | Event::Answered { .. } => &self.failed,
            _ => return,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    /// Returns the number of events.
    pub fn total(&self) -> u64 {
        self.counts().iter().sum()
    }

    /// Returns whether nothing trapped and no program failed.
    pub fn is_clean(&self) -> bool {
        self.broken.load(Ordering::Relaxed) == 0
    }

    fn counts(&self) -> [u64; 5] {
        [&self.sent, &self.handled, &self.answered, &self.failed, &self.broken]
            .map(|counter| counter.load(Ordering::Relaxed))
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [sent, handled, answered, failed, broken] = self.counts();
        write!(f, "sent {sent}, handled {handled}, answered {answered}, errors {failed}, traps {broken}")
    }
}

/// Prints events as they arrive, and counts them.
pub async fn print(mut events: mpsc::UnboundedReceiver<Event>, tally: Arc<Tally>, quiet: bool) {
    let mut hinted = BTreeSet::new();
    while let Some(event) = events.recv().await {
        match &event {
            _ if quiet => {}
            // Once for each component: it traps so again and again.
            Event::TrappedOnReuse { app } if hinted.insert(app.clone()) => {
                println!("{event}; try `--instance fresh`");
            }
            Event::TrappedOnReuse { .. } => {}
            event => println!("{event}"),
        }
        tally.count(&event);
    }
}
