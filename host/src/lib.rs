//! A development host for messaging components, on wasmtime.
//!
//! It offers what the plainest messaging hosts offer: `wasi:messaging` without request/reply, delivery of subscribed
//! topics to `incoming-handler`, and a shared `wasi:keyvalue` in both versions that hosts use. It also has `wasi:http`,
//! in both directions and in the versions 0.2 and 0.3, and `wasi:config`.
//!
//! Every message and every request gets a fresh instance, as on most hosts. A [`Pool`] shares instances between
//! messages instead, and between requests to `wasi:http/handler@0.3`. The functions of `wasi:messaging` that wait may be
//! sync or `async func`. The broker is in memory or a NATS server; the store is in memory or NATS JetStream.
//!
//! It is meant for trying components out and for tests. It isolates components only as far as WebAssembly does, limits
//! neither memory nor time, and keeps nothing on disk.

pub mod app;
mod bindings;
pub mod broker;
mod client;
mod clock;
mod config;
mod configure;
pub mod events;
pub mod http;
pub mod keyvalue;
mod messaging;
pub mod outgoing;
mod random;
pub mod running;
mod runtime;
pub mod shared;
mod state;
mod store;
mod subject;
pub mod subscriptions;

pub use app::App;
pub use broker::{Broker, Error, Message};
pub use clock::{Clock, Time};
pub use events::{Event, Outcome};
pub use http::Serving;
pub use keyvalue::KeyValue;
pub use random::Random;
pub use running::Running;
pub use runtime::{Options, Runtime};
pub use shared::Pool;
pub use state::Services;
pub use subscriptions::{Instances, Subscriptions};
