//! What is wrong with a project file, and the way out.

use crate::common::{
    DynError, ErrorKind,
    quote::quoted,
    remedy::{Remedied, Remedy, Setting},
};

/// Why a project file cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProjectError {
    /// It is not TOML.
    #[error("the project file is not TOML")]
    NotToml(#[source] DynError),
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
        source: DynError,
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
    #[error("variable `{variable}` uses a variable")]
    Nested {
        /// The variable.
        variable: String,
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
    #[error("composition `{composition}`: `{key}` has a `${{` that no name and `}}` follow")]
    Unclosed {
        /// The composition.
        composition: String,
        /// The key, with dots before those in tables within the composition.
        key: String,
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

impl Remedied for ProjectError {
    fn kind(&self) -> ErrorKind {
        ErrorKind::Usage
    }

    fn remedy(&self) -> Option<Remedy> {
        Some(match self {
            ProjectError::NotToml(_) => return None,
            ProjectError::UnknownKey { closest: Some(name), .. }
            | ProjectError::Undefined { closest: Some(name), .. }
            | ProjectError::Unused { closest: Some(name), .. }
            | ProjectError::UnknownComposition { closest: Some(name), .. } => Remedy::did_you_mean(name),
            ProjectError::NoTable { key } if key == "variables" => {
                "variables are in a table: `[variables]`, `NAME = VALUE`".into()
            }
            ProjectError::NoTable { .. } => "a composition is a table: `[composition.NAME]`".into(),
            ProjectError::UnknownKey { composition: None, key, .. } => {
                format!("a composition is a table: `[composition.{key}]`; `[variables]` has variables").into()
            }
            ProjectError::UnknownKey { known, .. } => format!("a composition has {}", quoted(known, ", ")).into(),
            ProjectError::Malformed { .. } => {
                "`docs/project-file.md` of msgcompose describes all that a composition has".into()
            }
            ProjectError::NoHandlers { key, .. } => format!(
                "give it handlers, `handlers = [{{ topics = [\"prices\"], file = \"prices.wasm\" }}]`, or leave `{key}` out"
            )
            .into(),
            ProjectError::NoAdapters { .. } => {
                "name the adapters, `adapters = [\"NAME\"]`, or a `host`, to have them found".into()
            }
            ProjectError::NotAValue { .. } => {
                "a variable is a string, a whole number, a boolean, or a list of these".into()
            }
            ProjectError::BadName { .. } => "a name is of letters, digits, `-` and `_`".into(),
            ProjectError::Nested { .. } => {
                "write it out, or use both variables where they are needed; `$${` stands for `${`".into()
            }
            ProjectError::Undefined { variable, .. } => Remedy::from("define it in `[variables]`, or ")
                .pass(Setting::Variable(variable.clone()))
                .text("; `$${` stands for `${`"),
            ProjectError::Unclosed { .. } => {
                "a variable is `${NAME}`, of letters, digits, `-` and `_`; `$${` stands for `${`".into()
            }
            ProjectError::Unused { variable, .. } => format!("use it: `${{{variable}}}`, or leave it away").into(),
            ProjectError::Empty => {
                "add one: a table `[composition.NAME]` with `guest`, `adapters` and `output`".into()
            }
            ProjectError::UnknownComposition { .. } => "without a name, all are made".into(),
            ProjectError::SameOutput { second, .. } => format!("give `{second}` an output of its own").into(),
            ProjectError::Overwrites { composition, .. } => {
                format!("write `{composition}` elsewhere; another composition can take it as its guest only").into()
            }
            ProjectError::Cycle { .. } => "one of them needs a guest that no composition makes".into(),
        })
    }
}

fn place(composition: Option<&str>) -> String {
    composition.map_or_else(|| "the project file".to_owned(), |name| format!("composition `{name}`"))
}
