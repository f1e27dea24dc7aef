//! All integration tests in one binary, so that it is linked once. Tests with shells, terminals and servers run on Unix
//! only.
#![allow(missing_docs, clippy::pedantic, reason = "tests")]

mod allocator;
mod async_guest;
mod cases;
mod config_layers;
mod debugging;
mod determinism;
#[cfg(unix)]
mod dialects;
mod differences;
mod engine;
#[cfg(unix)]
mod examples;
mod faults;
mod guarantees;
#[cfg(unix)]
mod help;
#[cfg(unix)]
mod hostile;
#[cfg(unix)]
mod http;
mod library;
mod link;
mod mapping;
mod memory;
#[cfg(unix)]
mod nats;
mod nats_protocol;
mod options;
#[cfg(unix)]
mod outputs;
#[cfg(unix)]
mod own_adapter;
mod pictures;
mod project;
mod properties;
mod provenance;
mod recipes;
mod reproduction;
mod runtime_options;
mod secrets;
mod shapes;
mod size;
mod slots;
mod stacks;
mod support;
#[cfg(unix)]
mod terminal;
mod uplift;
mod verdicts;
#[cfg(unix)]
mod wasmcloud;
