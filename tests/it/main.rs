//! All tests that need more than one module: one binary, so that it is linked once.
#![allow(missing_docs, clippy::pedantic, reason = "tests")]

mod cases;
mod config_layers;
mod determinism;
mod differences;
mod engine;
mod examples;
mod faults;
mod guarantees;
mod http;
mod library;
mod link;
mod mapping;
mod options;
mod properties;
mod runtime_options;
mod size;
mod stacks;
mod support;
mod terminal;
