use alloc::{string::String, vec::Vec};
use imports::{
    keyvalue::{
        atomics,
        store::{self, Bucket, Error as StoreError},
    },
    messaging::types::Error,
};
use reqreply::mailbox::{Drop, dropped_key, slots};
use support::Config;

/// The bucket of the mailbox, with the operations that both sides use. Errors are those of `wasi:messaging`.
pub struct Mailbox {
    bucket: Bucket,
    /// The options of the adapter.
    pub config: &'static Config,
}

impl Mailbox {
    /// Opens the bucket that the option `bucket` names.
    pub fn open(config: &'static Config) -> Result<Self, Error> {
        let bucket = store::open(config.text("bucket")).map_err(messaging_error)?;
        Ok(Self { bucket, config })
    }

    /// Returns the prefix of all keys.
    pub fn prefix(&self) -> &'static str {
        self.config.text("key-prefix")
    }

    /// Adds `delta` to the counter at `key`, and returns the sum.
    pub fn increment(&self, key: &str, delta: u64) -> Result<u64, Error> {
        // One version of `wasi:keyvalue` counts in u64, the other in s64. Counts stay far below 2⁶³.
        let sum = atomics::increment(&self.bucket, key, delta as _).map_err(messaging_error)?;
        Ok(sum as u64)
    }

    /// Returns the value at `key`.
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

    /// Returns whether `key` exists, by reading its value, which is short. `bucket.exists` would be one more import.
    pub fn exists(&self, key: &str) -> Result<bool, Error> {
        Ok(self.get(key)?.is_some())
    }

    /// Removes `key`. Returns whether it was there.
    pub fn remove(&self, key: &str) -> Result<bool, Error> {
        let is_there = self.exists(key)?;
        if is_there {
            self.delete(key)?;
        }
        Ok(is_there)
    }

    /// Counts dropped replies. Ignores errors of the store: a missing count must not make the message fail.
    pub fn count(&self, reason: Drop, replies: u64) {
        if replies > 0 {
            let _ = self.increment(&dropped_key(self.prefix(), reason), replies);
        }
    }

    /// Returns the number of slots of a request.
    pub fn slots(&self) -> u64 {
        slots(self.config.number("max-replies"))
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
