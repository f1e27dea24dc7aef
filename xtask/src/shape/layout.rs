//! Where things lie in a part's memory: the stack of its main module, then what its memory module has, then the main
//! module's data, and the heap. All but the heap's end is in as few pages of the system (4 KiB) as possible.

/// The main module's stack ends here, and grows down to 0.
pub const STACK: u32 = 15_360;

/// The memory module's stack, which grows down to [`STACK`].
pub const MEMORY_STACK: u32 = STACK + 64;

/// Its data.
pub const MEMORY_DATA: u32 = MEMORY_STACK;

/// The head of the list of resources that were dropped, and that the main module has not destroyed yet; 0 if there are
/// none. See [`super::dropped`].
pub const DROPPED: u32 = MEMORY_DATA + 28;

/// The main module's data.
pub const MAIN_DATA: u32 = MEMORY_DATA + 32;

/// The arguments of the linker for the main module of a part.
pub fn main_module() -> [String; 2] {
    [format!("-zstack-size={STACK}"), format!("--global-base={MAIN_DATA}")]
}

/// Those for the memory module.
pub fn memory_module() -> [String; 2] {
    [format!("-zstack-size={MEMORY_STACK}"), format!("--global-base={MEMORY_DATA}")]
}
