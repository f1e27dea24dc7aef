//! An allocator and a panic handler for components without `std`. A crate that depends on this one uses both.
#![no_std]

#[cfg(target_arch = "wasm32")]
mod wasm {
    use core::{
        alloc::{GlobalAlloc, Layout},
        arch::wasm32,
    };

    #[global_allocator]
    static ALLOCATOR: Memory = Memory;

    /// The allocator of the crate `memory`, which is a module of its own.
    struct Memory;

    #[link(wasm_import_module = "memory")]
    unsafe extern "C" {
        fn allocate(size: usize, align: usize) -> *mut u8;
        fn release(place: *mut u8, size: usize, align: usize);
    }

    // SAFETY: the functions are those of an allocator.
    unsafe impl GlobalAlloc for Memory {
        unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
            // SAFETY: as the caller says.
            unsafe { allocate(layout.size(), layout.align()) }
        }

        unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
            // SAFETY: as the caller says.
            unsafe { release(place, layout.size(), layout.align()) }
        }
    }

    /// Traps. A panic is a bug in the component. Formatting its message would add more bytes than the rest of a part.
    #[panic_handler]
    fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
        wasm32::unreachable()
    }
}
