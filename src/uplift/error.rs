//! Why a component is not lifted, and what to do about it.

use crate::{
    common::{
        DynError, ErrorKind,
        quote::quoted,
        remedy::{Command, Remedied, Remedy, Setting},
    },
    types::{component::ComponentError, dialect::Dialect, interface::InterfaceId},
    wasm::binary::BinaryError,
};
use std::fmt;

/// Why a component is not lifted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UpliftError {
    /// It is not a component.
    #[error(transparent)]
    Binary(#[from] BinaryError),
    /// It is not a valid component.
    #[error(transparent)]
    Component(#[from] ComponentError),
    /// It speaks an older draft of messaging.
    #[error("`{name}` speaks {origin}, which no host has")]
    Draft {
        /// The file.
        name: String,
        /// Whose interface it speaks, and its date, in words.
        origin: &'static str,
        /// How that differs from today's.
        differs: &'static str,
    },
    /// It has none of the functions that are async in the dialect.
    #[error("`{name}` has nothing to lift for the dialect `{form}`: {instead}")]
    NothingToLift {
        /// The file.
        name: String,
        /// The dialect that was asked for.
        form: Dialect,
        /// What it has instead.
        instead: Instead,
    },
    /// It has an async function that is sync in the dialect.
    #[error("`{name}` has `{function}` async already, which is sync in the dialect `{form}`")]
    AlreadyAsync {
        /// The file.
        name: String,
        /// The function, with its interface.
        function: String,
        /// The dialect that was asked for.
        form: Dialect,
        /// The dialect that the component is of.
        fits: Option<Dialect>,
    },
    /// A component in it calls lifted functions, and exports functions that stay sync.
    #[error(
        "{component} calls {}, to be async, and exports the sync {}: called from there, an engine traps with `cannot block \
         a synchronous task before returning`",
        few(.calls), few(.exports)
    )]
    SyncExport {
        /// The component, in words.
        component: String,
        /// Its exports that stay sync.
        exports: Vec<String>,
        /// The functions that it calls and that would be lifted.
        calls: Vec<String>,
        /// Whether it is nested in the component that was to be lifted.
        is_within: bool,
        /// Whether the dialect `mixed` would lift none of `calls`.
        is_sync_in_mixed: bool,
    },
    /// An instance in it would have lifted functions that are called from two sides.
    #[error(
        "{component} would be called from two sides: `{}` by {}, and `{}` by {}; an engine keeps calls of a lifted \
         function apart from one side only",
        .routes[0].function, .routes[0].caller, .routes[1].function, .routes[1].caller
    )]
    TwoRoutes {
        /// The component, in words.
        component: String,
        /// The two sides.
        routes: Box<[CallRoute; 2]>,
    },
    /// It lacks something that would have to be lifted.
    #[error("`{name}` cannot be lifted without {what}")]
    NotInIt {
        /// The file.
        name: String,
        /// What it lacks, in words.
        what: String,
    },
    /// It has too many instances, or nests them too deep, to be followed.
    #[error("`{name}` has more instances in instances than any real component")]
    TooMuch {
        /// The file.
        name: String,
    },
    /// The lifted component is not valid, or cannot be written: a bug.
    #[error("lifting `{name}` failed inside msgcompose")]
    Broken {
        /// The file.
        name: String,
        /// What went wrong.
        #[source]
        source: DynError,
    },
}

/// Who calls a component, and by which function.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CallRoute {
    /// Who calls, in words.
    pub caller: String,
    /// The function that is called, with its interface.
    pub function: String,
}

/// What a component has instead of functions that can be lifted.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Instead {
    /// Messaging that is sync in the dialect.
    Sync {
        /// Those of its functions that the dialect `async` would lift, with their interfaces.
        in_async: Vec<String>,
    },
    /// Other messaging, or another version of it.
    Messaging(Vec<InterfaceId>),
    /// No messaging. Lists what it exports, or what it imports if it exports nothing.
    Other(Vec<String>),
}

impl fmt::Display for Instead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Instead::Sync { .. } => write!(f, "all that it has of `wasi:messaging@0.2.0-draft` is sync there, too"),
            Instead::Messaging(interfaces) => {
                write!(f, "it has {} instead of `wasi:messaging@0.2.0-draft`", quoted(interfaces, ", "))
            }
            Instead::Other(names) if names.is_empty() => write!(f, "it imports and exports nothing"),
            Instead::Other(names) => write!(f, "it has {}, and nothing of messaging", quoted(names, ", ")),
        }
    }
}

/// Lists the first of these names, and says how many there are more.
fn few(names: &[String]) -> String {
    match names {
        [first @ .., _, _] if first.len() > 2 => format!("{} and {} more", quoted(&names[..3], ", "), names.len() - 3),
        names => quoted(names, ", "),
    }
}

impl Remedied for UpliftError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Binary(error) => error.kind(),
            Self::Component(error) => error.kind(),
            Self::Broken { .. } => ErrorKind::Internal,
            _ => ErrorKind::Refused,
        }
    }

    fn remedy(&self) -> Option<Remedy> {
        Some(match self {
            Self::Binary(error) => return error.remedy(),
            Self::Component(error) => return error.remedy(),
            Self::Draft { differs, .. } => {
                format!("{differs}; build it against `wasi:messaging@0.2.0-draft` of December 2024").into()
            }
            Self::NothingToLift { form, instead: Instead::Sync { in_async }, .. } if in_async.is_empty() => {
                format!("it is of the dialect `{form}` as it is: take it without lifting").into()
            }
            Self::NothingToLift { form, instead: Instead::Sync { in_async }, .. } => {
                let lift = quoted(in_async, ", ");
                Remedy::from(format!(
                    "it is of the dialect `{form}` as it is: take it without lifting, or lift {lift} by "
                ))
                .name(Setting::dialect(Dialect::Async))
            }
            Self::NothingToLift { instead: Instead::Messaging(_), .. } => {
                "build it against `wasi:messaging@0.2.0-draft`".into()
            }
            Self::NothingToLift { name, .. } => Remedy::from(format!("is `{name}` the right file? "))
                .run(Command::Inspect { file: name.clone() })
                .text(" shows what it has"),
            Self::AlreadyAsync { fits: Some(form), .. } => {
                Remedy::from("the guest is async already: ").name(Setting::dialect(form)).text(" is its form")
            }
            Self::AlreadyAsync { fits: None, .. } => {
                "no dialect has it async: build the guest against `wasi:messaging@0.2.0-draft` as it is".into()
            }
            Self::SyncExport { exports, .. } if exports.iter().any(|export| export.starts_with("msgcompose:link/")) => {
                Remedy::from("what ").run(Command::Link).text(
                    " puts between guests is sync: leave the application so, with the mailbox in a bucket \
                     (`mailbox=keyvalue`)",
                )
            }
            Self::SyncExport { is_sync_in_mixed: true, .. } => Remedy::from("take ")
                .name(Setting::dialect(Dialect::Mixed))
                .text(", in which what is called stays sync, or a guest without that export"),
            Self::SyncExport { is_within: true, .. } => {
                "lift the guest alone, and compose it with what calls it async".into()
            }
            Self::SyncExport { .. } => "take a guest without that export, or one that exports it async".into(),
            Self::TwoRoutes { .. } => "lift the guest alone, and compose it so that only one of them calls it".into(),
            Self::NotInIt { .. } => {
                "compose it first, with all components in it; with `wac`, without `--import-dependencies`".into()
            }
            Self::TooMuch { .. } => "lift what it is composed of, and compose that".into(),
            Self::Broken { .. } => Remedy::report(),
        })
    }
}
