//! The stages of a composition, for whoever wants to know which one is at work. The library knows no clock; a caller
//! that has one can tell how long each takes.

use std::fmt;

/// A stage of [`Composition::compose_observed`](crate::compose::Composition::compose_observed).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Stage {
    /// The guest is read and reduced to its types.
    Guest,
    /// The adapters are chosen that make the guest run on a host.
    Choice,
    /// Options are checked and become values.
    Options,
    /// The guest is lifted to the dialect of messaging that it is to have.
    Uplift,
    /// The adapters' parts are read.
    Parts,
    /// Parts are taken and wired, on paper.
    Plan,
    /// Options are baked.
    Configuration,
    /// The composition is encoded around the guest's types.
    Encoding,
    /// The guest takes the place of its types.
    Splicing,
    /// The composed component is validated.
    Validation,
    /// The composed component is checked against the host that it is for.
    Host,
    /// What was done is put in words.
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
