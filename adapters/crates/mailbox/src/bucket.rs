use alloc::{string::String, vec::Vec};
use imports::{
    keyvalue::{
        atomics,
        store::{self, Bucket, Error as StoreError},
    },
    messaging::types::Error,
};
use reqreply::mailbox::{CLOSED, Drop, counter_key, dropped_key, slot_key, slots_at_close};
use support::Config;

/// The bucket that holds the mailbox, with what both sides do to it. Errors are the messaging interface's own.
pub struct Mailbox {
    bucket: Bucket,
    /// The options of the adapter.
    pub config: &'static Config,
}

impl Mailbox {
    /// Opens the bucket that the options name.
    pub fn open(config: &'static Config) -> Result<Self, Error> {
        let bucket = store::open(config.text("bucket")).map_err(messaging_error)?;
        Ok(Self { bucket, config })
    }

    /// What all keys begin with.
    pub fn prefix(&self) -> &'static str {
        self.config.text("key-prefix")
    }

    /// Adds `delta` to the counter at `key` and gives the sum.
    pub fn increment(&self, key: &str, delta: u64) -> Result<u64, Error> {
        // One dialect counts in u64, the other in s64; counts stay far below 2⁶³.
        let sum = atomics::increment(&self.bucket, key, delta as _).map_err(messaging_error)?;
        Ok(sum as u64)
    }

    /// The value at `key`.
    pub fn get(&self, key: &str) -> Result<Option<Vec<u8>>, Error> {
        self.bucket.get(key).map_err(messaging_error)
    }

    /// Sets the value at `key`.
    pub fn set(&self, key: &str, value: &[u8]) -> Result<(), Error> {
        self.bucket.set(key, value).map_err(messaging_error)
    }

    /// Removes `key`.
    pub fn delete(&self, key: &str) -> Result<(), Error> {
        self.bucket.delete(key).map_err(messaging_error)
    }

    /// Whether `key`, which holds little, is there. Not asked as `exists`, which would be one import more.
    pub fn exists(&self, key: &str) -> Result<bool, Error> {
        Ok(self.get(key)?.is_some())
    }

    /// Removes the request with this id, and the replies to it from slot `first` on, which nobody takes any more. The
    /// counter goes first: whoever fills a slot after that finds it gone, and removes the reply again.
    pub fn remove(&self, id: &str, first: u64) -> Result<(), Error> {
        let counter = counter_key(self.prefix(), id);
        let slots = slots_at_close(self.increment(&counter, CLOSED)?);
        self.delete(&counter)?;
        for slot in first..=slots.min(self.config.number("max-replies")) {
            if self.take(&slot_key(self.prefix(), id, slot))?.is_some() {
                self.count(Drop::Surplus);
            }
        }
        Ok(())
    }

    /// Takes the reply at `key` out, if there is one.
    pub fn take(&self, key: &str) -> Result<Option<Vec<u8>>, Error> {
        let reply = self.get(key)?;
        if reply.is_some() {
            // The reply is worth more than a key that could not be removed.
            let _ = self.delete(key);
        }
        Ok(reply)
    }

    /// Counts a dropped reply. A count that cannot be kept must not become a failure of the message.
    pub fn count(&self, reason: Drop) {
        let _ = self.increment(&dropped_key(self.prefix(), reason), 1);
    }
}

fn messaging_error(error: StoreError) -> Error {
    match error {
        StoreError::NoSuchStore => Error::Other("mailbox: the host has no keyvalue bucket of this name".into()),
        StoreError::AccessDenied => Error::PermissionDenied("mailbox: access to the keyvalue bucket denied".into()),
        StoreError::Other(reason) => {
            let mut text = String::from("mailbox: ");
            text.push_str(&reason);
            Error::Connection(text)
        }
    }
}
