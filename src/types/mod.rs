//! Types: names of interfaces, components by what they import and export, and how two types differ.

pub mod component;
pub mod dialect;
pub mod difference;
pub mod interface;
mod wit_text;
