//! Types: names of interfaces, imports and exports of components, messaging dialects, and differences between types.

pub mod component;
pub mod dialect;
pub mod difference;
pub mod interface;
mod wit_text;
