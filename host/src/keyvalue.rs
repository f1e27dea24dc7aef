//! Stores for `wasi:keyvalue`. All instances share one store.

mod jetstream;
mod memory;

pub use jetstream::JetStream;
pub use memory::Memory;

use futures::future::BoxFuture;
use std::{fmt, sync::Arc};

/// An error of a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// There is no bucket of this name.
    NoSuchStore,
    /// Any other error.
    Other(String),
}

/// A store.
#[derive(Debug, Clone)]
pub enum KeyValue {
    /// In the memory of this process.
    Memory(Memory),
    /// NATS JetStream.
    JetStream(JetStream),
    /// Any other store.
    Other(Arc<dyn Store>),
}

/// A store that another crate implements, such as a simulated one.
pub trait Store: fmt::Debug + Send + Sync {
    /// Checks that a bucket exists. All other functions take buckets that were opened.
    fn open<'a>(&'a self, bucket: &'a str) -> BoxFuture<'a, Result<(), Error>>;
    /// Returns the value of a key.
    fn get<'a>(&'a self, bucket: &'a str, key: &'a str) -> BoxFuture<'a, Result<Option<Vec<u8>>, Error>>;
    /// Sets a key.
    fn set<'a>(&'a self, bucket: &'a str, key: &'a str, value: Vec<u8>) -> BoxFuture<'a, Result<(), Error>>;
    /// Removes a key.
    fn delete<'a>(&'a self, bucket: &'a str, key: &'a str) -> BoxFuture<'a, Result<(), Error>>;
    /// Adds `delta` to the number at a key and returns the sum. A missing key counts as zero.
    fn increment<'a>(&'a self, bucket: &'a str, key: &'a str, delta: i64) -> BoxFuture<'a, Result<i64, Error>>;
    /// Returns all keys, sorted.
    fn keys<'a>(&'a self, bucket: &'a str) -> BoxFuture<'a, Result<Vec<String>, Error>>;
}

/// An open bucket.
#[derive(Debug, Clone)]
pub enum Bucket {
    /// In the memory of this process.
    Memory(memory::Bucket),
    /// NATS JetStream.
    JetStream(jetstream::Bucket),
    /// The bucket of this name in any other store.
    Other(Arc<dyn Store>, String),
}

impl KeyValue {
    /// Opens a bucket.
    pub async fn open(&self, name: &str) -> Result<Bucket, Error> {
        match self {
            KeyValue::Memory(store) => store.open(name).map(Bucket::Memory),
            KeyValue::JetStream(store) => store.open(name).await.map(Bucket::JetStream),
            KeyValue::Other(store) => {
                store.open(name).await.map(|()| Bucket::Other(Arc::clone(store), name.to_owned()))
            }
        }
    }
}

impl Bucket {
    /// Returns the value of a key.
    pub async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, Error> {
        match self {
            Bucket::Memory(bucket) => bucket.get(key).await,
            Bucket::JetStream(bucket) => bucket.get(key).await,
            Bucket::Other(store, bucket) => store.get(bucket, key).await,
        }
    }

    /// Sets a key.
    pub async fn set(&self, key: &str, value: Vec<u8>) -> Result<(), Error> {
        match self {
            Bucket::Memory(bucket) => bucket.set(key, value).await,
            Bucket::JetStream(bucket) => bucket.set(key, value).await,
            Bucket::Other(store, bucket) => store.set(bucket, key, value).await,
        }
    }

    /// Removes a key.
    pub async fn delete(&self, key: &str) -> Result<(), Error> {
        match self {
            Bucket::Memory(bucket) => bucket.delete(key).await,
            Bucket::JetStream(bucket) => bucket.delete(key).await,
            Bucket::Other(store, bucket) => store.delete(bucket, key).await,
        }
    }

    /// Adds `delta` to the number at a key and returns the sum. A missing key counts as zero.
    pub async fn increment(&self, key: &str, delta: i64) -> Result<i64, Error> {
        match self {
            Bucket::Memory(bucket) => bucket.increment(key, delta).await,
            Bucket::JetStream(bucket) => bucket.increment(key, delta).await,
            Bucket::Other(store, bucket) => store.increment(bucket, key, delta).await,
        }
    }

    /// Returns all keys, sorted.
    pub async fn keys(&self) -> Result<Vec<String>, Error> {
        match self {
            Bucket::Memory(bucket) => Ok(bucket.keys()),
            Bucket::JetStream(bucket) => bucket.keys().await,
            Bucket::Other(store, bucket) => store.keys(bucket).await,
        }
    }
}

/// The sum of a stored number, in decimal, and `delta`.
fn add(stored: Option<&[u8]>, delta: i64) -> Result<i64, Error> {
    sum(number(stored)?, delta)
}

/// Reads a stored number. A missing one counts as zero.
fn number(stored: Option<&[u8]>) -> Result<i64, Error> {
    let text = stored.map_or(Ok("0"), std::str::from_utf8);
    text.ok().and_then(|text| text.parse().ok()).ok_or_else(not_a_number)
}

fn sum(number: i64, delta: i64) -> Result<i64, Error> {
    number.checked_add(delta).ok_or_else(not_a_number)
}

fn not_a_number() -> Error {
    Error::Other("the value is not a number, or too large a one".into())
}
