//! How a host uses instances of a component for the calls that it makes.

use crate::adapters::duty::{DELIVER_TOPIC, SHARE_INSTANCE};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Which instance takes a call of the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Instances {
    /// Each call gets a fresh instance.
    Fresh,
    /// One instance takes all calls, one after the other.
    Serial,
    /// One instance takes all calls, many at once.
    Concurrent,
    /// An instance takes several calls, and other instances take others.
    #[serde(rename_all = "kebab-case")]
    Reused {
        /// How many calls an instance takes in its life. None if there is no limit.
        calls: Option<u32>,
        /// How many of them at once. None if there is no limit.
        at_once: Option<u32>,
        /// Whether a reply reaches the instance that requested.
        affinity: bool,
    },
}

impl Instances {
    /// Returns whether an instance takes several calls, so that its state stays from call to call.
    #[must_use]
    pub fn keeps_state(self) -> bool {
        !matches!(self, Self::Fresh | Self::Reused { calls: Some(1), .. })
    }

    /// Returns why a host that calls so cannot meet duties of this kind. Returns none if it can, or if the duty is not
    /// about instances.
    #[must_use]
    pub fn defeat(self, duty: &str) -> Option<&'static str> {
        let is_shared = duty == SHARE_INSTANCE;
        match self {
            _ if !is_shared && duty != DELIVER_TOPIC => None,
            Self::Concurrent | Self::Reused { at_once: None | Some(2..), affinity: true, .. } => None,
            Self::Serial | Self::Reused { affinity: true, .. } => {
                Some("an instance takes one call at a time, so a reply comes after the wait")
            }
            Self::Fresh => is_shared.then_some("each call gets a fresh instance"),
            Self::Reused { .. } => is_shared.then_some("any of its instances takes the next call"),
        }
    }
}

impl fmt::Display for Instances {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fresh => f.write_str("a fresh instance for each call"),
            Self::Serial => f.write_str("one instance, one call at a time"),
            Self::Concurrent => f.write_str("one instance, many calls at once"),
            Self::Reused { calls, at_once, .. } => {
                let calls = calls.map_or("many calls".to_owned(), |calls| format!("up to {calls} calls"));
                let at_once = at_once.map_or("many at once".to_owned(), |at_once| format!("{at_once} at once"));
                write!(f, "an instance for {calls}, {at_once}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_concurrent_calls_of_one_instance_let_it_wait_for_its_replies() {
        let reused = |at_once, affinity| Instances::Reused { calls: Some(128), at_once, affinity };
        let all = [Instances::Fresh, Instances::Serial, reused(Some(16), false), reused(Some(1), true)];
        assert!(all.iter().all(|instances| instances.defeat(SHARE_INSTANCE).is_some()));
        assert!(![Instances::Concurrent, reused(None, true)].iter().any(|one| one.defeat(SHARE_INSTANCE).is_some()));
        assert!(all.iter().all(|instances| instances.defeat("offer-bucket").is_none()));
        let of_topic = all.map(|instances| instances.defeat(DELIVER_TOPIC).is_some());
        assert_eq!(of_topic, [false, true, false, true], "one that is busy takes no reply, another one may");
    }
}
