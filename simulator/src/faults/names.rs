//! The names of what a seed draws, as the command line takes and shows them.

use super::{Class, Guest, Mailbox, Release};
use std::{fmt, str::FromStr};

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if *self == Self::A { "a" } else { "b" })
    }
}

impl fmt::Display for Mailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Draft => "draft",
            Self::Draft2 => "draft2",
            Self::Mixed => "mixed",
            Self::Async => "async",
        })
    }
}

impl fmt::Display for Guest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if *self == Self::Sync { "sync" } else { "async" })
    }
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Today => "today",
            Self::Before => "before",
            Self::Mixed => "mixed",
        })
    }
}

/// Finds the value whose text this is.
fn named<T: Copy + fmt::Display>(text: &str, values: &[T]) -> Result<T, String> {
    let found = values.iter().find(|value| value.to_string() == text);
    found.copied().ok_or_else(|| {
        let names: Vec<String> = values.iter().map(ToString::to_string).collect();
        format!("it is one of {}", names.join(", "))
    })
}

impl FromStr for Class {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        named(text, &[Self::A, Self::B])
    }
}

impl FromStr for Mailbox {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        named(text, &Self::ALL)
    }
}

impl FromStr for Guest {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        named(text, &[Self::Sync, Self::Async])
    }
}

impl FromStr for Release {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        named(text, &[Self::Today, Self::Before, Self::Mixed])
    }
}
