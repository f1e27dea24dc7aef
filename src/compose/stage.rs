//! The stages of a composition, so that a caller can follow the progress. The library has no clock; a caller that has
//! one can time each stage.

use std::fmt;

/// A stage of [`Composition::compose_observed`](crate::compose::Composition::compose_observed).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Stage {
    /// Reads the guest and reduces it to its types.
    Guest,
    /// Chooses the adapters that make the guest run on a host.
    Choice,
    /// Checks the options and resolves their values.
    Options,
    /// Lifts the guest to the wanted dialect.
    Uplift,
    /// Reads the adapters' parts.
    Parts,
    /// Plans: selects parts and wires them, as data.
    Plan,
    /// Bakes the options.
    Configuration,
    /// Encodes the composition around the guest's skeleton.
    Encoding,
    /// Replaces the skeletons by the real components.
    Splicing,
    /// Validates the composed component.
    Validation,
    /// Checks the composed component against the host's profile.
    Host,
    /// Writes the report.
    Report,
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Stage::Guest => "read the guest's types",
            Stage::Choice => "choose the adapters",
            Stage::Options => "check the options",
            Stage::Uplift => "lift the guest",
            Stage::Parts => "read the adapters' parts",
            Stage::Plan => "plan",
            Stage::Configuration => "bake the configuration",
            Stage::Encoding => "encode",
            Stage::Splicing => "put the guest in its place",
            Stage::Validation => "validate",
            Stage::Host => "check against the host",
            Stage::Report => "report",
        })
    }
}
