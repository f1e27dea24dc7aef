use super::{Error, add};
use std::{
    collections::BTreeMap,
    hash::{BuildHasher, RandomState},
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

type Map = Arc<Mutex<BTreeMap<String, Vec<u8>>>>;

/// A store in the memory of this process.
#[derive(Debug, Clone)]
pub struct Memory(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    buckets: BTreeMap<String, Map>,
    kind: Kind,
    broken: Arc<AtomicBool>,
    operations: Arc<AtomicU64>,
}

/// How the store behaves, to imitate stores outside this process.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Shared,
    /// Each `open` gets its own copy, as in the store of wasmtime's command line.
    Private,
    /// Each operation takes a random time, at most this long.
    Slow(Duration),
}

/// An open bucket.
#[derive(Debug, Clone)]
pub struct Bucket {
    map: Map,
    kind: Kind,
    broken: Arc<AtomicBool>,
    operations: Arc<AtomicU64>,
}

impl Memory {
    /// Makes a store with these buckets.
    pub fn new<N: Into<String>>(buckets: impl IntoIterator<Item = N>) -> Self {
        Self::make(buckets, Kind::Shared)
    }

    /// Makes a store where each `open` gets its own copy, so that nobody sees the changes of others.
    pub fn private<N: Into<String>>(buckets: impl IntoIterator<Item = N>) -> Self {
        Self::make(buckets, Kind::Private)
    }

    /// Makes a store with a random delay of at most `longest` for each operation, as across a network.
    pub fn slow<N: Into<String>>(buckets: impl IntoIterator<Item = N>, longest: Duration) -> Self {
        Self::make(buckets, Kind::Slow(longest))
    }

    fn make<N: Into<String>>(buckets: impl IntoIterator<Item = N>, kind: Kind) -> Self {
        let buckets = buckets.into_iter().map(|name| (name.into(), Map::default())).collect();
        Self(Arc::new(Shared { buckets, kind, broken: Arc::default(), operations: Arc::default() }))
    }

    /// Returns the number of operations so far.
    #[must_use]
    pub fn operations(&self) -> u64 {
        self.0.operations.load(Ordering::Relaxed)
    }

    /// Makes every operation fail from now on, or succeed again.
    pub fn set_broken(&self, broken: bool) {
        self.0.broken.store(broken, Ordering::SeqCst);
    }

    pub(super) fn open(&self, name: &str) -> Result<Bucket, Error> {
        let shared = &self.0;
        let map = shared.buckets.get(name).ok_or(Error::NoSuchStore)?;
        let map = match shared.kind {
            Kind::Private => Arc::new(Mutex::new(lock(map).clone())),
            Kind::Shared | Kind::Slow(_) => Arc::clone(map),
        };
        let (broken, operations) = (Arc::clone(&shared.broken), Arc::clone(&shared.operations));
        Ok(Bucket { map, kind: shared.kind, broken, operations })
    }
}

impl Bucket {
    /// Counts the operation, waits for its delay, and returns the entries.
    async fn map(&self) -> Result<MutexGuard<'_, BTreeMap<String, Vec<u8>>>, Error> {
        self.operations.fetch_add(1, Ordering::Relaxed);
        if let Kind::Slow(longest) = self.kind {
            let share = u32::try_from(RandomState::new().hash_one(()) % 256).unwrap_or(0);
            tokio::time::sleep(longest * share / 255).await;
        }
        if self.broken.load(Ordering::SeqCst) {
            return Err(Error::Other("the store is broken".into()));
        }
        Ok(lock(&self.map))
    }

    pub(super) async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, Error> {
        Ok(self.map().await?.get(key).cloned())
    }

    pub(super) async fn set(&self, key: &str, value: Vec<u8>) -> Result<(), Error> {
        self.map().await?.insert(key.to_owned(), value);
        Ok(())
    }

    pub(super) async fn delete(&self, key: &str) -> Result<(), Error> {
        self.map().await?.remove(key);
        Ok(())
    }

    pub(super) async fn increment(&self, key: &str, delta: i64) -> Result<i64, Error> {
        let mut map = self.map().await?;
        let sum = add(map.get(key).map(Vec::as_slice), delta)?;
        map.insert(key.to_owned(), sum.to_string().into_bytes());
        Ok(sum)
    }

    pub(super) fn keys(&self) -> Vec<String> {
        lock(&self.map).keys().cloned().collect()
    }
}

/// Locks a mutex. A poisoned lock is fine: no code panics while it holds one.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
