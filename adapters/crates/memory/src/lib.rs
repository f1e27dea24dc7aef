//! The first core module of a part: its memory, and the allocator for it.
//!
//! It is instantiated before the part's main module. So what the host and other components write for a part has a place
//! in this memory, and functions that are imported need no table through which they would find one. The build of the
//! parts adds what depends on a part: destructors, and options.
#![no_std]

#[cfg(target_arch = "wasm32")]
mod wasm {
    use core::{
        alloc::{GlobalAlloc, Layout},
        arch::wasm32,
        ptr::NonNull,
    };
    use talc::{
        base::{CHUNK_UNIT, Talc, binning::Binning},
        cell::TalcSyncCell,
        min_first_heap_layout,
        source::Source,
        wasm::WasmBinning,
    };

    const PAGE: usize = 1 << 16;

    /// What the heap grows by: as much as the system gives a memory at a time.
    const STEP: usize = 1 << 12;

    #[global_allocator]
    static ALLOCATOR: TalcSyncCell<Heap, WasmBinning> = TalcSyncCell::new_wasm(Heap { end: None });

    #[link(wasm_import_module = "part")]
    unsafe extern "C" {
        /// The end of the main module's data. The build of the parts knows it.
        #[link_name = "heap-base"]
        safe fn heap_base() -> usize;
    }

    /// The source of memory. The heap begins behind the main module's data, and grows in small steps.
    ///
    /// Some hosts make a fresh instance for each message. Then each page that is touched costs more than most of the
    /// part's work, and the allocator writes at the end of its heap.
    #[derive(Debug)]
    struct Heap {
        end: Option<NonNull<u8>>,
    }

    // SAFETY: `acquire` does not allocate.
    unsafe impl Source for Heap {
        fn acquire<B: Binning>(talc: &mut Talc<Self, B>, layout: Layout) -> Result<(), ()> {
            let base = talc.source.end.map_or_else(|| heap_base(), |end| end.as_ptr() as usize);
            let room = min_first_heap_layout::<B>().size() + 2 * CHUNK_UNIT + STEP;
            let needed = layout.size().checked_add(layout.align()).and_then(|size| size.checked_add(room)).ok_or(())?;
            let end = base.checked_add(needed).ok_or(())? & !(STEP - 1);
            let size = wasm32::memory_size::<0>() * PAGE;
            if end > size && wasm32::memory_grow::<0>((end - size).div_ceil(PAGE)) == usize::MAX {
                return Err(());
            }
            // SAFETY: nothing else uses the memory behind the main module's data, and it reaches to `end` now.
            talc.source.end = unsafe {
                match talc.source.end {
                    Some(before) => Some(talc.extend(before, end as *mut u8)),
                    None => talc.claim(base as *mut u8, end - base),
                }
            };
            Ok(())
        }
    }

    /// Returns memory, or null if there is none. The size is not 0.
    #[unsafe(no_mangle)]
    pub extern "C" fn allocate(size: usize, align: usize) -> *mut u8 {
        // SAFETY: the caller is an allocator, or the canonical ABI, and passes a valid layout.
        unsafe { ALLOCATOR.alloc(Layout::from_size_align_unchecked(size, align)) }
    }

    /// Takes memory back.
    #[unsafe(no_mangle)]
    pub extern "C" fn release(place: *mut u8, size: usize, align: usize) {
        // SAFETY: the memory was allocated with the same layout.
        unsafe { ALLOCATOR.dealloc(place, Layout::from_size_align_unchecked(size, align)) }
    }

    /// The canonical ABI's `realloc`. Traps if there is no memory.
    #[unsafe(no_mangle)]
    pub extern "C" fn cabi_realloc(old: *mut u8, old_size: usize, align: usize, new_size: usize) -> *mut u8 {
        if new_size == 0 {
            return align as *mut u8;
        }
        let place = allocate(new_size, align);
        if place.is_null() {
            wasm32::unreachable();
        }
        if old_size > 0 {
            // SAFETY: the old memory was allocated with this size, and the new one is another.
            unsafe { place.copy_from_nonoverlapping(old, old_size.min(new_size)) };
            release(old, old_size, align);
        }
        place
    }

    /// Traps: see the crate `runtime`.
    #[panic_handler]
    fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
        wasm32::unreachable()
    }
}
