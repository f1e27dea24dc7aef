//! An allocator and a panic handler for components without `std`. A crate that depends on this one uses both.
#![no_std]

#[cfg(target_arch = "wasm32")]
mod wasm {
    use core::{alloc::Layout, arch::wasm32, ptr::NonNull};
    use talc::{
        base::{CHUNK_UNIT, Talc, binning::Binning},
        cell::TalcSyncCell,
        source::Source,
        wasm::WasmBinning,
    };

    const PAGE: usize = 1 << 16;

    #[global_allocator]
    static ALLOCATOR: TalcSyncCell<Memory, WasmBinning> = TalcSyncCell::new_wasm(Memory { begun: false, end: None });

    unsafe extern "C" {
        /// The end of the linker's data.
        static __heap_base: u8;
    }

    /// The source of memory. It uses the rest of the first page before it grows the memory.
    ///
    /// Some hosts make a fresh instance for each message, and growing its memory costs more than all other work of a
    /// part.
    #[derive(Debug)]
    struct Memory {
        begun: bool,
        /// The end of the last heap.
        end: Option<NonNull<u8>>,
    }

    // SAFETY: `acquire` does not allocate.
    unsafe impl Source for Memory {
        fn acquire<B: Binning>(talc: &mut Talc<Self, B>, layout: Layout) -> Result<(), ()> {
            if !talc.source.begun {
                talc.source.begun = true;
                let base = (&raw const __heap_base).cast_mut();
                let size = wasm32::memory_size::<0>() * PAGE - base as usize;
                // SAFETY: nothing else uses the memory after the linker's data.
                talc.source.end = unsafe { talc.claim(base, size) };
                return Ok(());
            }
            let pages = (layout.size() + layout.align() + 2 * CHUNK_UNIT).div_ceil(PAGE);
            let before = wasm32::memory_grow::<0>(pages);
            if before == usize::MAX {
                return Err(());
            }
            let base = (before * PAGE) as *mut u8;
            // SAFETY: these pages are new, and nothing else uses them.
            talc.source.end = unsafe {
                match talc.source.end.take() {
                    Some(end) if end.as_ptr() == base => Some(talc.extend(end, base.wrapping_add(pages * PAGE))),
                    _ => talc.claim(base, pages * PAGE),
                }
            };
            Ok(())
        }
    }

    /// Traps. A panic is a bug in the component. Formatting its message would add more bytes than the rest of a part.
    #[panic_handler]
    fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
        wasm32::unreachable()
    }
}
