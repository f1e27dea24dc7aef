//! What waits, on WASI 0.2: calls block, and each ends before the next.

mod calls;
mod clock;
mod connection;
mod deliveries;
mod link;
mod state;
mod worker;

pub use state::State;
