//! Adapters: their manifests and options, the catalogue, and what the user set.

pub mod adapter;
pub mod catalogue;
pub mod config;
pub mod duty;
pub mod option;
pub mod settings;
pub mod template;
