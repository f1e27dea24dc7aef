//! A small runtime for async functions of the component model ("Concurrency" and "Canonical ABI" of the component model).
//!
//! It takes the place of wit-bindgen's, by the option `runtime_path` of the macro `generate!`. That one lets tasks wake one
//! another, and makes code of its own for each function and each type that is waited for. Here a task waits only for the
//! host or for another component, and there is one piece of code for all. This saves a third of a part.
#![no_std]

extern crate alloc;

mod bytes;
mod subtask;
mod task;

pub use bytes::{Future, Intrinsics, Promise, Reader, Writer};
pub use subtask::{Place, Subtask, call};
pub use task::spawn;
pub use wit_bindgen::rt::*;

/// What generated code of exported async functions calls.
pub mod async_support {
    pub use crate::task::{TaskCancelOnDrop, callback, start_task};
}
