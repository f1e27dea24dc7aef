//! The memory module of the prebuilt parts: its allocator, on a real engine.

use crate::support::root;
use std::collections::BTreeMap;
use wasmparser::{Parser, Payload};
use wasmtime::{Engine, Instance, Memory, Module, Store, StoreLimits, StoreLimitsBuilder, TypedFunc};

/// An instance of the memory module of a part.
struct Allocator {
    store: Store<StoreLimits>,
    memory: Memory,
    allocate: TypedFunc<(u32, u32), u32>,
    release: TypedFunc<(u32, u32, u32), ()>,
    realloc: TypedFunc<(u32, u32, u32, u32), u32>,
}

impl Allocator {
    /// Takes it from a part, and lets its memory grow up to this size in bytes.
    fn of(part: &str, limit: usize) -> Self {
        let part = std::fs::read(root().join("adapters").join(part)).unwrap();
        let module = Parser::new(0).parse_all(&part).find_map(|payload| match payload.unwrap() {
            Payload::ModuleSection { unchecked_range: range, .. } => {
                Some(&part[usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap()])
            }
            _ => None,
        });
        let engine = Engine::default();
        let module = Module::new(&engine, module.unwrap()).unwrap();
        let mut store = Store::new(&engine, StoreLimitsBuilder::new().memory_size(limit).build());
        store.limiter(|limits| limits);
        let instance = Instance::new(&mut store, &module, &[]).unwrap();
        let memory = instance.get_memory(&mut store, "memory").unwrap();
        Self {
            memory,
            allocate: instance.get_typed_func(&mut store, "allocate").unwrap(),
            release: instance.get_typed_func(&mut store, "release").unwrap(),
            realloc: instance.get_typed_func(&mut store, "cabi_realloc").unwrap(),
            store,
        }
    }

    fn fill(&mut self, place: u32, size: u32, mark: u8) {
        self.memory.data_mut(&mut self.store)[place as usize..][..size as usize].fill(mark);
    }

    fn holds(&self, place: u32, size: u32, mark: u8) -> bool {
        self.memory.data(&self.store)[place as usize..][..size as usize].iter().all(|byte| *byte == mark)
    }
}

const PART: &str = "messaging-over-http/provider.wasm";

/// Random requests, many of them given back: nothing overlaps, all is aligned, and what is given back is used again.
#[test]
fn what_is_allocated_is_nobody_elses() {
    let mut allocator = Allocator::of(PART, 64 << 20);
    let mut random = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = move |below: u64| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        random % below
    };
    // Place, with size, alignment and mark.
    let mut held: BTreeMap<u32, (u32, u32, u8)> = BTreeMap::new();
    let mut most = 0;
    for round in 0..60_000_u32 {
        let mark = (round % 251) as u8;
        let chosen = held.keys().nth(next(held.len().max(1) as u64) as usize).copied();
        let Some(place) = chosen.filter(|_| held.len() > 200 || next(2) == 0) else {
            let size = if next(50) == 0 { 1 + next(40_000) } else { 1 + next(300) } as u32;
            let align = 1 << next(5);
            let place = allocator.allocate.call(&mut allocator.store, (size, align)).unwrap();
            assert!(place != 0 && place.is_multiple_of(align), "{size} bytes aligned by {align} are at {place}");
            let below = held.range(..place).next_back().map_or(0, |(before, (size, ..))| before + size);
            let above = held.range(place..).next().map_or(u32::MAX, |(after, _)| *after);
            assert!(below <= place && place + size <= above, "{place} has {size} bytes, and {above} comes next");
            allocator.fill(place, size, mark);
            held.insert(place, (size, align, mark));
            continue;
        };
        let (size, align, was) = held.remove(&place).unwrap();
        assert!(allocator.holds(place, size, was), "somebody wrote to the {size} bytes at {place}");
        if next(3) > 0 {
            allocator.release.call(&mut allocator.store, (place, size, align)).unwrap();
            continue;
        }
        let new_size = 1 + next(2_000) as u32;
        let moved = allocator.realloc.call(&mut allocator.store, (place, size, align, new_size)).unwrap();
        assert!(moved.is_multiple_of(align) && allocator.holds(moved, size.min(new_size), was));
        allocator.fill(moved, new_size, mark);
        held.insert(moved, (new_size, align, mark));
        most = most.max(held.values().map(|(size, ..)| size).sum::<u32>());
    }
    let pages = allocator.memory.size(&allocator.store);
    // Some is lost between pieces, but not more than what is held.
    assert!(pages * 65_536 < u64::from(most) * 2 + 65_536, "{pages} pages for at most {most} bytes");
}

#[test]
fn without_memory_there_is_none_and_what_is_released_is_there_again() {
    let mut allocator = Allocator::of(PART, 1 << 20);
    let mut all = Vec::new();
    while let place @ 1.. = allocator.allocate.call(&mut allocator.store, (30_000, 1)).unwrap() {
        all.push(place);
    }
    assert!((25..35).contains(&all.len()), "{} times 30,000 bytes in 1 MiB", all.len());
    assert_eq!(allocator.allocate.call(&mut allocator.store, (u32::MAX / 2, 8)).unwrap(), 0);
    let trap = allocator.realloc.call(&mut allocator.store, (0, 0, 1, 1 << 20)).unwrap_err();
    assert!(format!("{trap:?}").contains("unreachable"), "{trap:?}");
    for place in &all {
        allocator.release.call(&mut allocator.store, (*place, 30_000, 1)).unwrap();
    }
    // The pieces are one again.
    assert_ne!(allocator.allocate.call(&mut allocator.store, (900_000, 1)).unwrap(), 0);
}

/// The page of the system in which the heap begins is all that a small message touches.
#[test]
fn a_small_heap_is_written_at_its_beginning_only() {
    let mut allocator = Allocator::of(PART, 1 << 20);
    for _ in 0..20 {
        allocator.allocate.call(&mut allocator.store, (64, 8)).unwrap();
    }
    let written = allocator.memory.data(&allocator.store);
    let pages = written.chunks(4096).filter(|page| page.iter().any(|byte| *byte != 0)).count();
    assert!(pages <= 3, "{pages} pages are written");
    assert_eq!(written.len(), 65_536);
}
