//! Tests of the host's program, with a real NATS server.
#![allow(missing_docs, clippy::pedantic, reason = "tests")]

mod command_line;
mod debugging;
mod http;
mod http_p3;
mod lab;
mod nats;
mod readme;
mod server;
mod shared;
mod support;
