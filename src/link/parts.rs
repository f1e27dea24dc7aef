//! The prebuilt parts between linked guests. They are not an adapter, because none of them fits around a single guest.

use crate::types::dialect::Dialect;

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

/// The parts in one build: for sync guests, or for async ones.
#[derive(Debug, Clone, Copy)]
pub(super) struct Set {
    /// Defines messages and clients, and knows all routes.
    pub bus: Prebuilt,
    /// The part in front of each handler. The second build passes unrouted messages to the host.
    pub dispatcher: [Prebuilt; 2],
    /// Serves the last handler, if that sends or requests. The second build passes unrouted messages to the host.
    pub end: [Prebuilt; 2],
    /// Sends and requests through the host's messaging.
    pub outside: Prebuilt,
    /// Lets `inbound` call the application's handler. It passes on the contents of messages, not the host's resources.
    pub door: Prebuilt,
    /// Takes the messages that the host delivers. The second build gives the host the application's replies, so it
    /// needs `request-reply`.
    pub inbound: [Prebuilt; 2],
}

/// For sync guests.
const SYNC: Set = Set {
    bus: part!("bus", "bus"),
    dispatcher: [part!("dispatcher", "dispatcher"), part!("dispatcher", "dispatcher-host")],
    end: [part!("end", "end"), part!("end", "end-host")],
    outside: part!("outside", "outside"),
    door: part!("door", "door"),
    inbound: [part!("inbound", "inbound"), part!("inbound", "inbound-replying")],
};

/// For async guests, on a host with messaging in the dialect `mixed`.
const MIXED: Set = Set {
    bus: part!("bus", "bus-async"),
    dispatcher: [part!("dispatcher", "dispatcher-async"), part!("dispatcher", "dispatcher-host-async")],
    end: [part!("end", "end-async"), part!("end", "end-host-async")],
    outside: part!("outside", "outside-mixed"),
    door: part!("door", "door-async"),
    inbound: [part!("inbound", "inbound-async"), part!("inbound", "inbound-replying-mixed")],
};

/// For async guests, on a host with messaging in the dialect `async`.
const ASYNC: Set = Set {
    outside: part!("outside", "outside-async"),
    inbound: [part!("inbound", "inbound-async"), part!("inbound", "inbound-replying-async")],
    ..MIXED
};

impl Set {
    /// Returns the parts for a host with messaging in this dialect.
    pub fn of(dialect: Dialect) -> Self {
        match dialect {
            Dialect::Sync => SYNC,
            Dialect::Mixed => MIXED,
            Dialect::Async => ASYNC,
        }
    }
}
