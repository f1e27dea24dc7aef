//! Hosts: what each of them offers and calls, and whether a component runs there.

pub(crate) mod check;
pub(crate) mod profile;

pub use check::{Check, DoesNotRun, Import, check};
pub use profile::{Call, Lack, Offer, Profile, UnknownProfile, get, names};
