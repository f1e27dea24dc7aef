//! Composes a WebAssembly component that is written against `wasi:messaging@0.2.0-draft`, the **guest**, with prebuilt
//! **adapters**, so that the result runs on hosts that lack what the guest needs of them.
//!
//! The library takes bytes and gives bytes and a report. It reads and writes no files, prints nothing, and knows no
//! clock and no environment: the same inputs give the same bytes.
//!
//! ```
//! use msgcompose::{Composition, catalogue};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let guest = include_bytes!("../fixtures/prebuilt/quote-desk.wasm");
//! let composed = Composition::new("quote-desk.wasm", &guest[..])
//!     .adapter(catalogue::get("reqreply-over-pubsub")?)
//!     .set("reply-topic", "quotes.replies")
//!     .compose()?;
//! assert!(!composed.report.imports.contains("wasi:messaging/request-reply@0.2.0-draft"));
//! let bytes = composed.component.to_bytes();
//! # Ok(())
//! # }
//! ```

mod adapters;
#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod cli;
mod common;
mod compose;
mod hosts;
pub mod link;
pub mod picture;
pub mod plan;
pub mod project;
pub mod provenance;
mod types;
pub mod uplift;
mod wasm;

pub use adapters::{
    adapter::{self, Adapter},
    catalogue,
    config::ConfigFrom,
    option,
    settings::{self, Assignment, Secrets},
    template::Template,
};
pub use common::ErrorKind as Kind;
pub use compose::{
    Composed, choose,
    error::{self, Error},
    output::Output,
    record::{Composition, Files, Guest, Handler, Loaded, Paths},
    report::{self, Report},
    reproduction,
    stage::Stage,
    validate::Validation,
};
pub use hosts::{check, profile};
pub use picture::Picture;
pub use project::lock;
pub use provenance::inspect::{Inspection, inspect};
pub use types::{dialect, difference, interface};
pub use wasm::strip::Strip;

/// What this project's own tests look into. It is not part of the interface, and changes without notice.
#[doc(hidden)]
pub mod internals {
    pub use crate::{
        adapters::config,
        types::component,
        wasm::{sections, skeleton},
    };
}
