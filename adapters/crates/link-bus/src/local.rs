//! Statics, which are the state of one instance.

use core::ops::Deref;

/// A static without a lock.
pub struct Local<T>(pub T);

// SAFETY: a part is a core module without threads. One call runs at a time, and no reference crosses a thread.
unsafe impl<T> Sync for Local<T> {}

impl<T> Deref for Local<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}
