use super::{Error, number, sum};
use async_nats::jetstream::{
    self,
    kv::{self, Operation, Store, UpdateErrorKind},
    stream::StorageType,
};
use futures::TryStreamExt;
use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, PoisonError},
};

/// How often an increment is tried when other writers interfere.
const ATTEMPTS: usize = 1000;

/// The number of counters that are remembered.
const REMEMBERED: usize = 4096;

/// Buckets of NATS JetStream.
#[derive(Debug, Clone)]
pub struct JetStream(Arc<BTreeMap<String, Arc<Open>>>);

/// An open bucket.
#[derive(Debug, Clone)]
pub struct Bucket(Arc<Open>);

#[derive(Debug)]
struct Open {
    store: Store,
    counters: Counters,
}

/// Counters as this process last saw them. An increment names the revision that it changes, so a counter that is old here
/// makes it try again, and never count wrong. One that is right saves the round trip that reads it.
#[derive(Debug, Default)]
struct Counters(Mutex<HashMap<String, (u64, i64)>>);

impl Counters {
    fn change<T>(&self, change: impl FnOnce(&mut HashMap<String, (u64, i64)>) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn get(&self, key: &str) -> Option<(u64, i64)> {
        self.change(|counters| counters.get(key).copied())
    }

    fn remember(&self, key: &str, revision: u64, count: i64) {
        self.change(|counters| {
            if counters.len() >= REMEMBERED {
                counters.clear();
            }
            counters.insert(key.to_owned(), (revision, count));
        });
    }

    fn forget(&self, key: &str) {
        self.change(|counters| counters.remove(key));
    }
}

impl JetStream {
    /// Opens these buckets on the server, or creates them in the server's memory.
    pub async fn connect(client: async_nats::Client, buckets: &[String]) -> Result<Self, Error> {
        let context = jetstream::new(client);
        let mut stores = BTreeMap::new();
        for bucket in buckets {
            let config =
                kv::Config { bucket: bucket.clone(), history: 1, storage: StorageType::Memory, ..Default::default() };
            let store = match context.get_key_value(bucket.clone()).await {
                Ok(store) => store,
                Err(_) => context.create_key_value(config).await.map_err(other)?,
            };
            stores.insert(bucket.clone(), Arc::new(Open { store, counters: Counters::default() }));
        }
        Ok(Self(Arc::new(stores)))
    }

    #[allow(clippy::unused_async, reason = "the same shape as the other stores")]
    pub(super) async fn open(&self, name: &str) -> Result<Bucket, Error> {
        self.0.get(name).cloned().map(Bucket).ok_or(Error::NoSuchStore)
    }
}

impl Bucket {
    pub(super) async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, Error> {
        let entry = self.0.store.entry(key).await.map_err(other)?;
        let Some(entry) = entry.filter(|entry| entry.operation == Operation::Put) else { return Ok(None) };
        // A number has at most 20 characters.
        if entry.value.len() <= 20
            && let Ok(count) = number(Some(&entry.value))
        {
            self.0.counters.remember(key, entry.revision, count);
        }
        Ok(Some(entry.value.into()))
    }

    pub(super) async fn set(&self, key: &str, value: Vec<u8>) -> Result<(), Error> {
        self.0.store.put(key, value.into()).await.map_err(other).map(drop)
    }

    pub(super) async fn delete(&self, key: &str) -> Result<(), Error> {
        self.0.counters.forget(key);
        self.0.store.purge(key).await.map_err(other)
    }

    pub(super) async fn increment(&self, key: &str, delta: i64) -> Result<i64, Error> {
        // A counter that is not known is tried as a new one first.
        let (mut revision, mut count) = self.0.counters.get(key).unwrap_or((0, 0));
        for _ in 0..ATTEMPTS {
            if let Ok(sum) = sum(count, delta) {
                match self.0.store.update(key, sum.to_string().into(), revision).await {
                    Ok(revision) => {
                        self.0.counters.remember(key, revision, sum);
                        return Ok(sum);
                    }
                    // Another writer was faster, or it is older than it was known here; try again.
                    Err(error) if error.kind() == UpdateErrorKind::WrongLastRevision => {}
                    Err(error) => return Err(other(error)),
                }
            }
            let entry = self.0.store.entry(key).await.map_err(other)?;
            let current = entry.as_ref().filter(|entry| entry.operation == Operation::Put);
            (revision, count) =
                (entry.as_ref().map_or(0, |entry| entry.revision), number(current.map(|entry| &*entry.value))?);
            sum(count, delta)?;
        }
        Err(Error::Other(format!("`{key}` could not be incremented in {ATTEMPTS} attempts")))
    }

    pub(super) async fn keys(&self) -> Result<Vec<String>, Error> {
        let mut keys: Vec<String> = self.0.store.keys().await.map_err(other)?.try_collect().await.map_err(other)?;
        keys.sort();
        Ok(keys)
    }
}

fn other(error: impl std::fmt::Display) -> Error {
    Error::Other(error.to_string())
}
