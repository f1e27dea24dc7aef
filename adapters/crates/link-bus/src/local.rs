//! What one instance has: the statics of this part.

use core::ops::Deref;

/// A static that only its own instance reaches.
pub struct Local<T>(pub T);

// SAFETY: a part is a core module without threads: one call runs at a time, and no reference crosses a thread.
unsafe impl<T> Sync for Local<T> {}

impl<T> Deref for Local<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}
