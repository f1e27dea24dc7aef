use core::cell::OnceCell;

/// A value that is made on first use and lives as long as the instance.
pub struct InstanceCell<T>(OnceCell<T>);

// SAFETY: a part is a core module without threads. One call runs at a time, and no reference crosses a thread.
unsafe impl<T> Sync for InstanceCell<T> {}

impl<T> InstanceCell<T> {
    /// Returns an empty cell.
    pub const fn new() -> Self {
        Self(OnceCell::new())
    }

    /// Returns the value. If there is none yet, calls `make`.
    pub fn get_or_init(&self, make: impl FnOnce() -> T) -> &T {
        self.0.get_or_init(make)
    }

    /// Returns the value. If there is none yet, calls `make`, and fails if that fails.
    pub fn get_or_try_init<E>(&self, make: impl FnOnce() -> Result<T, E>) -> Result<&T, E> {
        if let Some(value) = self.0.get() {
            return Ok(value);
        }
        let value = make()?;
        Ok(self.0.get_or_init(|| value))
    }
}

impl<T> Default for InstanceCell<T> {
    fn default() -> Self {
        Self::new()
    }
}
