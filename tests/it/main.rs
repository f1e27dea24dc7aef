//! All tests that need more than one module: one binary, so that it is linked once.
#![allow(missing_docs, clippy::pedantic, reason = "tests")]

mod async_guest;
mod cases;
mod config_layers;
mod debugging;
mod determinism;
mod differences;
mod engine;
mod examples;
mod faults;
mod guarantees;
mod help;
mod http;
mod library;
mod link;
mod mapping;
mod memory;
mod options;
mod own_adapter;
mod pictures;
mod project;
mod properties;
mod provenance;
mod recipes;
mod reproduction;
mod runtime_options;
mod size;
mod stacks;
mod support;
mod terminal;
mod uplift;
