//! Binaries: their sections, index spaces and skeletons. This wing does not know messaging.

pub mod binary;
pub mod hash;
pub mod outside;
pub mod sections;
pub mod skeleton;
pub(crate) mod spaces;
pub mod strip;
pub mod structure;
