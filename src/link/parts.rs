//! The prebuilt parts that stand between linked guests. They are no adapter: none goes around a guest alone.

/// A part.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part {
    /// What it is called behind `link/`.
    pub name: &'static str,
    /// The component.
    pub bytes: &'static [u8],
}

macro_rules! part {
    ($name:literal, $file:literal) => {
        Part { name: $name, bytes: include_bytes!(concat!("../../adapters/link/", $file)) }
    };
}

/// Has the messages, and knows who handles what.
pub(super) const BUS: Part = part!("bus", "bus.wasm");

/// Stands before a handler: alone, and where the host has what no handler takes.
pub(super) const DISPATCHER: [Part; 2] =
    [part!("dispatcher", "dispatcher.wasm"), part!("dispatcher", "dispatcher-host.wasm")];

/// Stands behind the last handler, likewise.
pub(super) const END: [Part; 2] = [part!("end", "end.wasm"), part!("end", "end-host.wasm")];

/// Sends and requests by the host.
pub(super) const OUTSIDE: Part = part!("outside", "outside.wasm");

/// Lets the application handle what comes, without the host's messages.
pub(super) const DOOR: Part = part!("door", "door.wasm");

/// Takes what the host delivers.
pub(super) const INBOUND: Part = part!("inbound", "inbound.wasm");
