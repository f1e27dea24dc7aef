//! What `core` leaves to a component: an allocator and a panic handler. To depend on this crate is to use both.
#![no_std]

#[cfg(target_arch = "wasm32")]
mod wasm {
    #[global_allocator]
    static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

    /// A panic is a bug in the component: the host sees a trap. Its message would cost more than the rest of a part.
    #[panic_handler]
    fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
        core::arch::wasm32::unreachable()
    }
}
