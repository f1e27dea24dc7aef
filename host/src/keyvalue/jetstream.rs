use super::{Error, add};
use async_nats::jetstream::{
    self,
    kv::{self, Operation, Store, UpdateErrorKind},
    stream::StorageType,
};
use futures::TryStreamExt;
use std::{collections::BTreeMap, sync::Arc};

/// How often an increment is tried when other writers interfere.
const ATTEMPTS: usize = 1000;

/// Buckets of NATS JetStream.
#[derive(Debug, Clone)]
pub struct JetStream(Arc<BTreeMap<String, Arc<Store>>>);

/// An open bucket.
#[derive(Debug, Clone)]
pub struct Bucket(Arc<Store>);

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
            stores.insert(bucket.clone(), Arc::new(store));
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
        Ok(self.0.get(key).await.map_err(other)?.map(Into::into))
    }

    pub(super) async fn set(&self, key: &str, value: Vec<u8>) -> Result<(), Error> {
        self.0.put(key, value.into()).await.map_err(other).map(drop)
    }

    pub(super) async fn delete(&self, key: &str) -> Result<(), Error> {
        self.0.purge(key).await.map_err(other)
    }

    pub(super) async fn increment(&self, key: &str, delta: i64) -> Result<i64, Error> {
        for _ in 0..ATTEMPTS {
            let entry = self.0.entry(key).await.map_err(other)?;
            let current = entry.as_ref().filter(|entry| entry.operation == Operation::Put);
            let sum = add(current.map(|entry| &*entry.value), delta)?;
            let revision = entry.as_ref().map_or(0, |entry| entry.revision);
            match self.0.update(key, sum.to_string().into(), revision).await {
                Ok(_) => return Ok(sum),
                // Another writer was faster; try again.
                Err(error) if error.kind() == UpdateErrorKind::WrongLastRevision => {}
                Err(error) => return Err(other(error)),
            }
        }
        Err(Error::Other(format!("`{key}` could not be incremented in {ATTEMPTS} attempts")))
    }

    pub(super) async fn keys(&self) -> Result<Vec<String>, Error> {
        let mut keys: Vec<String> = self.0.keys().await.map_err(other)?.try_collect().await.map_err(other)?;
        keys.sort();
        Ok(keys)
    }
}

fn other(error: impl std::fmt::Display) -> Error {
    Error::Other(error.to_string())
}
