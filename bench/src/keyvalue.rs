//! `wasi:keyvalue` in memory. All instances of a component share one bucket.

use crate::{
    bindings::keyvalue::wasi::keyvalue::{atomics, store},
    host::State,
};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use wasmtime::{Result, component::Resource};

/// Keys and values.
#[derive(Debug, Clone, Default)]
pub struct Bucket(Arc<Mutex<BTreeMap<String, Vec<u8>>>>);

impl Bucket {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Vec<u8>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns whether there are no keys.
    pub fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }
}

impl store::Host for State {
    fn open(&mut self, _: String) -> Result<Result<Resource<Bucket>, store::Error>> {
        let bucket = self.bucket.clone();
        Ok(Ok(self.table.push(bucket)?))
    }
}

impl store::HostBucket for State {
    fn get(&mut self, bucket: Resource<Bucket>, key: String) -> Result<Result<Option<Vec<u8>>, store::Error>> {
        Ok(Ok(self.table.get(&bucket)?.lock().get(&key).cloned()))
    }

    fn set(&mut self, bucket: Resource<Bucket>, key: String, value: Vec<u8>) -> Result<Result<(), store::Error>> {
        self.table.get(&bucket)?.lock().insert(key, value);
        Ok(Ok(()))
    }

    fn delete(&mut self, bucket: Resource<Bucket>, key: String) -> Result<Result<(), store::Error>> {
        self.table.get(&bucket)?.lock().remove(&key);
        Ok(Ok(()))
    }

    fn exists(&mut self, bucket: Resource<Bucket>, key: String) -> Result<Result<bool, store::Error>> {
        Ok(Ok(self.table.get(&bucket)?.lock().contains_key(&key)))
    }

    fn drop(&mut self, bucket: Resource<Bucket>) -> Result<()> {
        self.table.delete(bucket)?;
        Ok(())
    }
}

impl atomics::Host for State {
    fn increment(&mut self, bucket: Resource<Bucket>, key: String, delta: u64) -> Result<Result<u64, store::Error>> {
        let mut map = self.table.get(&bucket)?.lock();
        let stored = map.get(&key).and_then(|value| std::str::from_utf8(value).ok()?.parse::<u64>().ok());
        let sum = stored.unwrap_or(0).wrapping_add(delta);
        map.insert(key, sum.to_string().into_bytes());
        Ok(Ok(sum))
    }
}
