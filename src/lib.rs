//! Composes a **guest**, a WebAssembly component written against `wasi:messaging@0.2.0-draft`, with prebuilt
//! **adapters**. The result runs on hosts that lack what the guest needs.
//!
//! The library takes bytes, and returns bytes and a report. It reads and writes no files, prints nothing, and uses
//! neither the clock nor the environment. The same inputs give the same bytes.
//!
//! ```
//! use msgcompose::{Composition, adapters};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let guest = include_bytes!("../fixtures/prebuilt/quote-desk.wasm");
//! let composed = Composition::new("quote-desk.wasm", &guest[..])
//!     .adapter(adapters::get("reqreply-over-pubsub")?)
//!     .set("reply-topic", "quotes.replies")
//!     .compose()?;
//! assert!(!composed.report.imports.contains("wasi:messaging/request-reply@0.2.0-draft"));
//! let bytes = composed.component.to_bytes();
//! # Ok(())
//! # }
//! ```

pub mod adapters;
#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod cli;
mod common;
mod compose;
pub mod hosts;
pub mod link;
pub mod picture;
pub mod plan;
pub mod project;
pub mod provenance;
pub mod types;
pub mod uplift;
mod wasm;

pub use adapters::{Adapter, ConfigFrom};
pub use common::{
    DynError, ErrorKind,
    remedy::{self, Remedied, Remedy},
};
pub use compose::{
    Composed,
    bridged::BridgedGuest,
    error::{ChoiceError, ComposedAlready, Error, StackCandidate},
    graph::GraphError,
    imports::ImportsLeft,
    output::{Output, SpliceError},
    record::{Composition, Files, Guest, Handler, Loaded, Paths},
    report::{Report, Size, Wire, WireKind},
    reproduction::Reproduction,
    stage::Stage,
    validate::{Validation, ValidationError},
};
pub use picture::Picture;
pub use provenance::{Inspection, inspect};
pub use wasm::{
    binary::{BinaryError, Form, read_component},
    strip::Strip,
};

// For this project's own tests. They are not part of the public interface and change without notice.
#[doc(hidden)]
pub use adapters::config::{bake, interface};
#[doc(hidden)]
pub use compose::reproduction::SECTION;
#[doc(hidden)]
pub use link::pattern::Pattern;
#[doc(hidden)]
pub use wasm::skeleton;
