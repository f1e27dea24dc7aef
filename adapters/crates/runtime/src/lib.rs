//! What `core` leaves to a component: an allocator and a panic handler. To depend on this crate is to use both.
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
        /// Where the linker's own data ends.
        static __heap_base: u8;
    }

    /// Takes what is left of the first page before it asks for another: hosts make an instance a message, and growing
    /// its memory costs them more than all that a part does in it.
    #[derive(Debug)]
    struct Memory {
        begun: bool,
        /// Where the last heap ends.
        end: Option<NonNull<u8>>,
    }

    // SAFETY: nothing here allocates.
    unsafe impl Source for Memory {
        fn acquire<B: Binning>(talc: &mut Talc<Self, B>, layout: Layout) -> Result<(), ()> {
            if !talc.source.begun {
                talc.source.begun = true;
                let base = (&raw const __heap_base).cast_mut();
                let size = wasm32::memory_size::<0>() * PAGE - base as usize;
                // SAFETY: nobody else uses what is behind the linker's data.
                talc.source.end = unsafe { talc.claim(base, size) };
                return Ok(());
            }
            let pages = (layout.size() + layout.align() + 2 * CHUNK_UNIT).div_ceil(PAGE);
            let before = wasm32::memory_grow::<0>(pages);
            if before == usize::MAX {
                return Err(());
            }
            let base = (before * PAGE) as *mut u8;
            // SAFETY: these pages are new, and nobody else's.
            talc.source.end = unsafe {
                match talc.source.end.take() {
                    Some(end) if end.as_ptr() == base => Some(talc.extend(end, base.wrapping_add(pages * PAGE))),
                    _ => talc.claim(base, pages * PAGE),
                }
            };
            Ok(())
        }
    }

    /// A panic is a bug in the component: the host sees a trap. Its message would cost more than the rest of a part.
    #[panic_handler]
    fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
        wasm32::unreachable()
    }
}
