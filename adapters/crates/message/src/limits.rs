use core::cell::Cell;

/// How long a request waits, and for how many replies. `None` where the guest has not set it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Limits {
    /// The timeout in milliseconds.
    pub timeout_ms: Option<u32>,
    /// The number of replies; `None` means one.
    pub expected_replies: Option<u32>,
}

/// The guest's `request-options`.
#[derive(Debug, Default)]
pub struct RequestOptions(Cell<Limits>);

impl RequestOptions {
    /// Returns what the guest has set.
    pub fn limits(&self) -> Limits {
        self.0.get()
    }

    /// Changes the limits.
    pub fn update(&self, change: impl FnOnce(&mut Limits)) {
        let mut limits = self.0.get();
        change(&mut limits);
        self.0.set(limits);
    }
}
