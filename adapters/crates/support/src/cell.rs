use core::cell::OnceCell;

/// State that lives as long as the instance, made on first use.
pub struct InstanceCell<T>(OnceCell<T>);

// SAFETY: a part is a core module without threads: one call runs at a time, and no reference crosses a thread.
unsafe impl<T> Sync for InstanceCell<T> {}

impl<T> InstanceCell<T> {
    /// An empty cell.
    pub const fn new() -> Self {
        Self(OnceCell::new())
    }

    /// The value, made by `make` if there is none yet.
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
