//! Hosts: what each of them offers and calls, and whether a component runs there.

pub(crate) mod check;
pub(crate) mod does_not_run;
pub(crate) mod instances;
pub(crate) mod profile;
pub(crate) mod serve;

pub use check::{Check, Import, Unmet, check};
pub use does_not_run::{DoesNotRun, Subject, Way};
pub use instances::Instances;
pub use profile::{Call, Lack, Offer, Profile, Source, UnknownProfile, Versions, get, names};
