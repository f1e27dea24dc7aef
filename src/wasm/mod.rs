//! Binaries: their sections, names and skeletons. Nothing here knows of messaging.

pub mod binary;
pub mod hash;
pub mod names;
pub mod outside;
pub mod sections;
pub mod skeleton;
pub mod strip;
pub mod structure;
