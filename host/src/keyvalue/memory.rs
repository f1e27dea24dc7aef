use super::{Error, add};
use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicBool, Ordering},
    },
};

type Map = Arc<Mutex<BTreeMap<String, Vec<u8>>>>;

/// A store in this process.
#[derive(Debug, Clone)]
pub struct Memory(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    buckets: BTreeMap<String, Map>,
    /// Whether every opening gets a copy of its own, as in the store that wasmtime's command line has.
    private: bool,
    broken: Arc<AtomicBool>,
}

/// An open bucket.
#[derive(Debug, Clone)]
pub struct Bucket {
    map: Map,
    broken: Arc<AtomicBool>,
}

impl Memory {
    /// A store with these buckets.
    pub fn new<N: Into<String>>(buckets: impl IntoIterator<Item = N>) -> Self {
        Self::make(buckets, false)
    }

    /// A store that gives every opening a copy of its own, so that nobody sees what others write.
    pub fn private<N: Into<String>>(buckets: impl IntoIterator<Item = N>) -> Self {
        Self::make(buckets, true)
    }

    fn make<N: Into<String>>(buckets: impl IntoIterator<Item = N>, private: bool) -> Self {
        let buckets = buckets.into_iter().map(|name| (name.into(), Map::default())).collect();
        Self(Arc::new(Shared { buckets, private, broken: Arc::default() }))
    }

    /// Makes every operation fail, or work again.
    pub fn set_broken(&self, broken: bool) {
        self.0.broken.store(broken, Ordering::SeqCst);
    }

    pub(super) fn open(&self, name: &str) -> Result<Bucket, Error> {
        let shared = &self.0;
        let map = shared.buckets.get(name).ok_or(Error::NoSuchStore)?;
        let map = if shared.private { Arc::new(Mutex::new(lock(map).clone())) } else { Arc::clone(map) };
        Ok(Bucket { map, broken: Arc::clone(&shared.broken) })
    }
}

impl Bucket {
    fn map(&self) -> Result<MutexGuard<'_, BTreeMap<String, Vec<u8>>>, Error> {
        if self.broken.load(Ordering::SeqCst) {
            return Err(Error::Other("the store is broken".into()));
        }
        Ok(lock(&self.map))
    }

    pub(super) fn get(&self, key: &str) -> Result<Option<Vec<u8>>, Error> {
        Ok(self.map()?.get(key).cloned())
    }

    pub(super) fn set(&self, key: &str, value: Vec<u8>) -> Result<(), Error> {
        self.map()?.insert(key.to_owned(), value);
        Ok(())
    }

    pub(super) fn delete(&self, key: &str) -> Result<(), Error> {
        self.map()?.remove(key);
        Ok(())
    }

    pub(super) fn increment(&self, key: &str, delta: i64) -> Result<i64, Error> {
        let mut map = self.map()?;
        let sum = add(map.get(key).map(Vec::as_slice), delta)?;
        map.insert(key.to_owned(), sum.to_string().into_bytes());
        Ok(sum)
    }

    pub(super) fn keys(&self) -> Vec<String> {
        lock(&self.map).keys().cloned().collect()
    }
}

/// Nothing panics while it holds one of these locks.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
