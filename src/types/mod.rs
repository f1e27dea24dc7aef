//! Types: names of interfaces, imports and exports of components, messaging dialects, and differences between types.

mod comparison;
pub(crate) mod component;
pub(crate) mod dialect;
pub(crate) mod difference;
pub(crate) mod interface;
pub(crate) mod read;
pub(crate) mod shape;
mod wit_text;

pub use component::ComponentError;
pub use dialect::{Dialect, InDialect, Messaging, ParseDialectError};
pub use difference::Difference;
pub use interface::{ExternName, InterfaceId, ParseInterfaceError};
pub use read::ReadError;
pub use shape::Shape;
