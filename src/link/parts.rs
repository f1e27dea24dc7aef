//! The prebuilt parts between linked guests. They are not an adapter, because none of them fits around a single guest.

/// A prebuilt part.
#[derive(Debug, Clone, Copy)]
pub(super) struct Prebuilt {
    /// The name of the part, without `link/`.
    pub name: &'static str,
    /// The release build.
    bytes: &'static [u8],
    /// The debug build.
    debug: &'static [u8],
}

impl Prebuilt {
    /// Returns the debug build or the release build.
    pub fn build(&self, debug: bool) -> &'static [u8] {
        if debug { self.debug } else { self.bytes }
    }
}

macro_rules! part {
    ($name:literal, $file:literal) => {
        Prebuilt {
            name: $name,
            bytes: include_bytes!(concat!("../../adapters/link/", $file, ".wasm")),
            debug: include_bytes!(concat!("../../adapters/link/", $file, ".debug.wasm")),
        }
    };
}

/// Defines messages and clients, and knows all routes.
pub(super) const BUS: Prebuilt = part!("bus", "bus");

/// The part in front of each handler. The second build passes unrouted messages to the host.
pub(super) const DISPATCHER: [Prebuilt; 2] =
    [part!("dispatcher", "dispatcher"), part!("dispatcher", "dispatcher-host")];

/// Serves the last handler, if that sends or requests. The second build passes unrouted messages to the host.
pub(super) const END: [Prebuilt; 2] = [part!("end", "end"), part!("end", "end-host")];

/// Sends and requests through the host's messaging.
pub(super) const OUTSIDE: Prebuilt = part!("outside", "outside");

/// Lets [`INBOUND`] call the application's handler. It passes on the contents of messages, not the host's resources.
pub(super) const DOOR: Prebuilt = part!("door", "door");

/// Takes the messages that the host delivers. The second build gives the host the application's replies, so it needs
/// `request-reply`.
pub(super) const INBOUND: [Prebuilt; 2] = [part!("inbound", "inbound"), part!("inbound", "inbound-replying")];
