use core::cell::Cell;

/// How long a request waits, and for how many replies, as far as the guest said.
#[derive(Debug, Clone, Copy, Default)]
pub struct Limits {
    /// In milliseconds.
    pub timeout_ms: Option<u32>,
    /// Where the guest does not say, it is one.
    pub expected_replies: Option<u32>,
}

/// The guest's `request-options`.
#[derive(Debug, Default)]
pub struct RequestOptions(Cell<Limits>);

impl RequestOptions {
    /// What the guest set.
    pub fn limits(&self) -> Limits {
        self.0.get()
    }

    /// Changes what the guest set.
    pub fn update(&self, change: impl FnOnce(&mut Limits)) {
        let mut limits = self.0.get();
        change(&mut limits);
        self.0.set(limits);
    }
}
