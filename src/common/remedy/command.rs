//! Commands, as remedies name them.

use super::setting::{Setting, names};
use std::fmt;

/// Something that helps to look further, or that does what was not done. The library has functions for these, the
/// command line has commands.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Command {
    /// Describes an adapter and its options.
    Adapters {
        /// The adapter.
        adapter: String,
        /// Whether it is the user's own, and is found by a path.
        is_own: bool,
    },
    /// Shows what a component imports and exports.
    Inspect {
        /// The component.
        file: String,
    },
    /// Says whether a component runs on a host.
    Check {
        /// The component.
        file: String,
        /// The host.
        host: String,
    },
    /// Puts adapters around a guest.
    Plug {
        /// The guest; none where the reader knows which.
        file: Option<String>,
        /// What is said of the composition.
        settings: Vec<Setting>,
    },
    /// Lifts a guest to a dialect.
    Uplift {
        /// The guest.
        file: String,
        /// The dialect.
        dialect: String,
    },
    /// Links guests.
    Link,
    /// Makes the compositions of a project file.
    Build {
        /// Whether it pays no heed to the lock.
        is_unlocked: bool,
    },
}

/// Its name in the library's terms.
impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Adapters { adapter, .. } => write!(f, "the manifest of `{adapter}`"),
            Self::Inspect { file } => write!(f, "inspecting `{file}`"),
            Self::Check { file, host } => write!(f, "checking `{file}` against host `{host}`"),
            Self::Plug { file: None, settings } => write!(f, "composing with {}", names(settings)),
            Self::Plug { file: Some(file), settings } => write!(f, "composing `{file}` with {}", names(settings)),
            Self::Uplift { file, dialect } => write!(f, "uplifting `{file}` to dialect `{dialect}`"),
            Self::Link => f.write_str("linking"),
            Self::Build { is_unlocked: false } => f.write_str("a build"),
            Self::Build { is_unlocked: true } => f.write_str("a build that is not held to the lock"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Command;
    use crate::common::remedy::Setting;

    #[test]
    fn commands_have_the_terms_of_the_library() {
        let file = || "f.wasm".to_owned();
        let settings = || vec![Setting::adapter("a"), Setting::dialect("mixed")];
        let cases: [(Command, &str); 9] = [
            (Command::Adapters { adapter: "a".to_owned(), is_own: false }, "the manifest of `a`"),
            (Command::Inspect { file: file() }, "inspecting `f.wasm`"),
            (Command::Check { file: file(), host: "h".to_owned() }, "checking `f.wasm` against host `h`"),
            (Command::Plug { file: None, settings: settings() }, "composing with adapter `a` and dialect `mixed`"),
            (
                Command::Plug { file: Some(file()), settings: settings() },
                "composing `f.wasm` with adapter `a` and dialect `mixed`",
            ),
            (Command::Uplift { file: file(), dialect: "async".to_owned() }, "uplifting `f.wasm` to dialect `async`"),
            (Command::Link, "linking"),
            (Command::Build { is_unlocked: false }, "a build"),
            (Command::Build { is_unlocked: true }, "a build that is not held to the lock"),
        ];
        for (command, name) in cases {
            assert_eq!(command.to_string(), name);
        }
    }
}
