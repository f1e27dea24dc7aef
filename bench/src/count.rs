//! Counts calls of host functions: bindings announce each as a span.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};
use tracing::{
    Event, Metadata, Subscriber,
    span::{Attributes, Id, Record},
    subscriber::DefaultGuard,
};

/// The name of the span of a call.
pub const SPAN: &str = "wit-bindgen import";

/// Counts until it is dropped. Dropping a resource is not counted.
pub struct Counter {
    calls: Arc<AtomicU64>,
    guard: Option<DefaultGuard>,
}

struct Calls(Arc<AtomicU64>);

impl Counter {
    /// Begins to count what happens on this thread.
    pub fn start() -> Self {
        let calls = Arc::default();
        let guard = Some(tracing::subscriber::set_default(Calls(Arc::clone(&calls))));
        tracing::callsite::rebuild_interest_cache();
        Self { calls, guard }
    }

    /// Returns the number of calls so far.
    pub fn calls(&self) -> u64 {
        self.calls.load(Ordering::Relaxed)
    }
}

impl Drop for Counter {
    fn drop(&mut self) {
        self.guard.take();
        // From now on a call announces nothing, and takes as long as ever.
        tracing::callsite::rebuild_interest_cache();
    }
}

impl Subscriber for Calls {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_span() && metadata.name() == SPAN
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        self.0.fetch_add(1, Ordering::Relaxed);
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, _: &Event<'_>) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}
