//! Times making and dropping instances, and weighs them.

use crate::{instance::Loaded, keyvalue::Bucket};
use std::{
    fs,
    time::{Duration, Instant},
};
use wasmtime::{Result, error::Context};

/// The instances that are held at once to weigh them.
const HELD: u32 = 32;

/// What an instance costs.
pub struct Cost {
    pub nanoseconds: f64,
    /// Resident bytes of an instance that nobody has called.
    pub bytes: f64,
}

/// What an instance is made of. The engine's own parts count too, such as adapters between components.
#[derive(Debug, Default, Clone, Copy)]
pub struct Made {
    pub core_instances: u64,
    pub memories: usize,
    pub tables: usize,
}

/// Makes and drops instances for so long, and then holds some.
pub async fn cost(loaded: &Loaded, budget: Duration) -> Result<Cost> {
    let bucket = Bucket::default();
    let one = async || {
        let mut store = loaded.host.store(&bucket);
        loaded.pre.instantiate_async(&mut store).await?;
        wasmtime::Result::Ok(store)
    };
    hold(&one).await?;
    let (start, mut made) = (Instant::now(), 0_u32);
    while made == 0 || start.elapsed() < budget {
        drop(one().await?);
        made += 1;
    }
    let nanoseconds = start.elapsed().as_secs_f64() * 1e9 / f64::from(made);
    let before = resident()?;
    let held = hold(&one).await?;
    let bytes = (resident()? - before).max(0.0) / f64::from(HELD);
    drop(held);
    Ok(Cost { nanoseconds, bytes })
}

async fn hold<S>(one: &impl AsyncFn() -> Result<S>) -> Result<Vec<S>> {
    let mut held = Vec::new();
    for _ in 0..HELD {
        held.push(one().await?);
    }
    Ok(held)
}

/// Counts what one instance is made of. The engine must have a pool.
pub async fn made(loaded: &Loaded) -> Result<Made> {
    let metrics = loaded.host.engine().pooling_allocator_metrics().context("the engine has no pool")?;
    let all =
        || Made { core_instances: metrics.core_instances(), memories: metrics.memories(), tables: metrics.tables() };
    let before = all();
    let mut store = loaded.host.store(&Bucket::default());
    loaded.pre.instantiate_async(&mut store).await?;
    let after = all();
    drop(store);
    Ok(Made {
        core_instances: after.core_instances - before.core_instances,
        memories: after.memories - before.memories,
        tables: after.tables - before.tables,
    })
}

/// Returns the resident memory of this process in bytes.
fn resident() -> Result<f64> {
    let maps = fs::read_to_string("/proc/self/smaps_rollup").context("memory is weighed on Linux only")?;
    let line = maps.lines().find_map(|line| line.strip_prefix("Rss:")).context("there is no resident memory")?;
    let kilobytes: u32 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(f64::from(kilobytes) * 1024.0)
}
