//! The parts for async guests. Many messages can pass at once.

#[cfg(feature = "door")]
mod door;
#[cfg(feature = "inbound")]
mod inbound;
#[cfg(feature = "outside")]
mod outside;
