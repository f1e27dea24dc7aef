//! What is wrong with a project file, and the way out.

use crate::common::quote::quoted;

/// Why a project file cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProjectError {
    /// It is not TOML.
    #[error("the project file is not TOML")]
    NotToml(#[source] toml::de::Error),
    /// Something in it is no table that must be one.
    #[error("`{key}` is not a table")]
    NoTable {
        /// The key.
        key: String,
    },
    /// It says something that has no meaning.
    #[error("{} has no key `{key}`", place(.composition.as_deref()))]
    UnknownKey {
        /// The composition that says it; none outside of one.
        composition: Option<String>,
        /// The key.
        key: String,
        /// A key of similar spelling.
        closest: Option<String>,
        /// All that there are.
        known: Vec<String>,
    },
    /// A value is of another type, or missing.
    #[error("composition `{composition}` cannot be read")]
    Malformed {
        /// The composition.
        composition: String,
        /// The parser's word.
        #[source]
        source: toml::de::Error,
    },
    /// Something is said of handlers, and there are none.
    #[error("composition `{composition}` has `{key}`, and no handlers")]
    NoHandlers {
        /// The composition.
        composition: String,
        /// What is said.
        key: &'static str,
    },
    /// Nothing says what is to be put around the guest.
    #[error("composition `{composition}` has no adapters, no host and no handlers")]
    NoAdapters {
        /// The composition.
        composition: String,
    },
    /// A variable is of a type that cannot be put into a text.
    #[error("variable `{variable}` is {found}, which no variable can be")]
    NotAValue {
        /// The variable.
        variable: String,
        /// What it is.
        found: &'static str,
    },
    /// A variable has a name that cannot be used.
    #[error("`{name}` is not a name of a variable")]
    BadName {
        /// The name.
        name: String,
    },
    /// A variable is made of others.
    #[error("variable `{variable}` uses a variable: `{value}`")]
    Nested {
        /// The variable.
        variable: String,
        /// Its value.
        value: String,
    },
    /// A variable is used that nothing defines.
    #[error("composition `{composition}` uses variable `{variable}`, which is not defined")]
    Undefined {
        /// The composition.
        composition: String,
        /// The variable.
        variable: String,
        /// A variable of similar spelling.
        closest: Option<String>,
    },
    /// A `${` does not begin the name of a variable.
    #[error("composition `{composition}`: `{text}` has a `${{` that no name and `}}` follow")]
    Unclosed {
        /// The composition.
        composition: String,
        /// The text.
        text: String,
    },
    /// A variable is given for this run, but nothing uses it.
    #[error("variable `{variable}` is given, but no composition uses it")]
    Unused {
        /// The variable.
        variable: String,
        /// A variable of similar spelling that is used.
        closest: Option<String>,
    },
    /// There is nothing to compose.
    #[error("the project file has no composition")]
    Empty,
    /// There is no composition of this name.
    #[error("no composition `{name}`; there is {}", quoted(.names, ", "))]
    UnknownComposition {
        /// What was asked for.
        name: String,
        /// A composition of similar spelling.
        closest: Option<String>,
        /// All that there are.
        names: Vec<String>,
    },
    /// Two compositions write the same file.
    #[error("compositions `{first}` and `{second}` have the same output, `{output}`")]
    SameOutput {
        /// A composition.
        first: String,
        /// Another one.
        second: String,
        /// The file.
        output: String,
    },
    /// A composition writes what is read otherwise than as a guest.
    #[error("the output of `{composition}`, `{output}`, is in what `{reader}` takes as {what}, `{input}`")]
    Overwrites {
        /// The composition.
        composition: String,
        /// The file.
        output: String,
        /// The composition that reads it.
        reader: String,
        /// What it takes it for.
        what: &'static str,
        /// As it calls it.
        input: String,
    },
    /// Compositions are made of one another.
    #[error("compositions are made of one another: {}", quoted(.path, " of "))]
    Cycle {
        /// The compositions, each made of the next; the last is the first.
        path: Vec<String>,
    },
}

impl ProjectError {
    /// The way out, if there is one to name.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let did_you_mean = |name: &str| format!("did you mean `{name}`?");
        Some(match self {
            ProjectError::NotToml(_) => return None,
            ProjectError::UnknownKey { closest: Some(name), .. }
            | ProjectError::Undefined { closest: Some(name), .. }
            | ProjectError::Unused { closest: Some(name), .. }
            | ProjectError::UnknownComposition { closest: Some(name), .. } => did_you_mean(name),
            ProjectError::NoTable { key } if key == "variables" => {
                "variables are in a table: `[variables]`, `NAME = VALUE`".to_owned()
            }
            ProjectError::NoTable { .. } => "a composition is a table: `[composition.NAME]`".to_owned(),
            ProjectError::UnknownKey { composition: None, key, .. } => {
                format!("a composition is a table: `[composition.{key}]`; `[variables]` has variables")
            }
            ProjectError::UnknownKey { known, .. } => format!("a composition has {}", quoted(known, ", ")),
            ProjectError::Malformed { .. } => {
                "`docs/project-file.md` of msgcompose describes all that a composition has".to_owned()
            }
            ProjectError::NoHandlers { key, .. } => {
                format!(
                    "give it handlers, `handlers = [{{ topics = [\"prices\"], file = \"prices.wasm\" }}]`, or leave `{key}` out"
                )
            }
            ProjectError::NoAdapters { .. } => {
                "name the adapters, `adapters = [\"NAME\"]`, or a `host`, to have them found".to_owned()
            }
            ProjectError::NotAValue { .. } => {
                "a variable is a string, a whole number, a boolean, or a list of these".to_owned()
            }
            ProjectError::BadName { .. } => "a name is of letters, digits, `-` and `_`".to_owned(),
            ProjectError::Nested { .. } => {
                "write it out, or use both variables where they are needed; `$${` stands for `${`".to_owned()
            }
            ProjectError::Undefined { variable, .. } => {
                format!("define it in `[variables]`, or pass `--var {variable}=…`; `$${{` stands for `${{`")
            }
            ProjectError::Unclosed { .. } => {
                "a variable is `${NAME}`, of letters, digits, `-` and `_`; `$${` stands for `${`".to_owned()
            }
            ProjectError::Unused { variable, .. } => format!("use it: `${{{variable}}}`, or leave it away"),
            ProjectError::Empty => {
                "add one: a table `[composition.NAME]` with `guest`, `adapters` and `output`".to_owned()
            }
            ProjectError::UnknownComposition { .. } => "without a name, all are made".to_owned(),
            ProjectError::SameOutput { second, .. } => format!("give `{second}` an output of its own"),
            ProjectError::Overwrites { composition, .. } => {
                format!("write `{composition}` elsewhere; another composition can take it as its guest only")
            }
            ProjectError::Cycle { .. } => "one of them needs a guest that no composition makes".to_owned(),
        })
    }
}

fn place(composition: Option<&str>) -> String {
    composition.map_or_else(|| "the project file".to_owned(), |name| format!("composition `{name}`"))
}
