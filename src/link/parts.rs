//! The prebuilt parts that stand between linked guests. They are no adapter: none goes around a guest alone.

/// A part.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part {
    /// What it is called behind `link/`.
    pub name: &'static str,
    /// The component.
    bytes: &'static [u8],
    /// The same, with names.
    debug: &'static [u8],
}

impl Part {
    /// The component, or its debug build.
    pub fn build(&self, debug: bool) -> &'static [u8] {
        if debug { self.debug } else { self.bytes }
    }
}

macro_rules! part {
    ($name:literal, $file:literal) => {
        Part {
            name: $name,
            bytes: include_bytes!(concat!("../../adapters/link/", $file, ".wasm")),
            debug: include_bytes!(concat!("../../adapters/link/", $file, ".debug.wasm")),
        }
    };
}

/// Has the messages, and knows who handles what.
pub(super) const BUS: Part = part!("bus", "bus");

/// Stands before a handler: alone, and where the host has what no handler takes.
pub(super) const DISPATCHER: [Part; 2] = [part!("dispatcher", "dispatcher"), part!("dispatcher", "dispatcher-host")];

/// Stands behind the last handler, likewise.
pub(super) const END: [Part; 2] = [part!("end", "end"), part!("end", "end-host")];

/// Sends and requests by the host.
pub(super) const OUTSIDE: Part = part!("outside", "outside");

/// Lets the application handle what comes, without the host's messages.
pub(super) const DOOR: Part = part!("door", "door");

/// Takes what the host delivers.
pub(super) const INBOUND: Part = part!("inbound", "inbound");
