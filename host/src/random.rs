//! The random numbers that components see.

use rand_core::TryRng;
use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};
use wasmtime_wasi::WasiCtxBuilder;

/// The source of random numbers: the machine's, or a seed that always gives the same.
#[derive(Debug, Clone, Default)]
pub struct Random(Option<Arc<AtomicU64>>);

impl Random {
    /// Makes a source that gives each instance its own numbers, and the same ones in each run.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        Self(Some(Arc::new(AtomicU64::new(seed))))
    }

    pub(crate) fn give(&self, wasi: &mut WasiCtxBuilder) {
        if let Some(next) = &self.0 {
            let mut seeds = SplitMix(next.fetch_add(1, Ordering::Relaxed));
            wasi.secure_random(SplitMix(seeds.next()));
            wasi.insecure_random(SplitMix(seeds.next()));
            wasi.insecure_random_seed(u128::from(seeds.next()));
        }
    }
}

/// Steele, Lea and Flood's `SplitMix64`: small, and good enough for what nobody attacks.
struct SplitMix(u64);

impl SplitMix {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

impl TryRng for SplitMix {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let [a, b, c, d, ..] = self.next().to_le_bytes();
        Ok(u32::from_le_bytes([a, b, c, d]))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.next())
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for chunk in bytes.chunks_mut(8) {
            chunk.copy_from_slice(&self.next().to_le_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}
