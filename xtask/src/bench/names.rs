//! The names of the sections, in the order of the page.

use super::{brokers, calls, compose, http, link, mailbox, section::Section, starting, tried, uplift};
use clap::ValueEnum;

/// A section by its name, in the order of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SectionName {
    /// `messaging-over-http` on `wasmtime serve` against a component without messaging
    Http,
    /// A call through each adapter against the bare call
    Calls,
    /// Instantiating a composition against its guest
    Starting,
    /// `reqreply-over-pubsub` with each mailbox against a native client
    Mailbox,
    /// `messaging-over-nats` against a native client
    Brokers,
    /// Linked guests against a direct call and against NATS
    Link,
    /// `msgcompose plug` against `wac plug`, and growth
    Compose,
    /// `msgcompose uplift` against copying the guest
    Uplift,
    /// Compositions that Binaryen optimises, or that are initialised beforehand
    Tried,
}

impl SectionName {
    /// Returns the section.
    pub fn section(self) -> &'static Section {
        match self {
            Self::Http => &http::SECTION,
            Self::Calls => &calls::SECTION,
            Self::Starting => &starting::SECTION,
            Self::Mailbox => &mailbox::SECTION,
            Self::Brokers => &brokers::SECTION,
            Self::Link => &link::SECTION,
            Self::Compose => &compose::SECTION,
            Self::Uplift => &uplift::SECTION,
            Self::Tried => &tried::SECTION,
        }
    }

    /// Returns its name on the command line.
    pub fn name(self) -> String {
        self.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
    }
}
