//! Why a component is not lifted.

use crate::{
    common::{
        DynError, ErrorKind,
        quote::quoted,
        remedy::{Command, Remedied, Remedy, Setting},
    },
    types::{component::ComponentError, dialect::Form, interface::InterfaceId},
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
    /// It is not a valid one.
    #[error(transparent)]
    Component(#[from] ComponentError),
    /// It has none of the functions that the form has async.
    #[error("`{name}` has nothing to lift for the dialect `{form}`: {instead}")]
    NothingToLift {
        /// The file.
        name: String,
        /// The form that it was to have.
        form: Form,
        /// What it has instead.
        instead: Instead,
    },
    /// It has a function async that the form has sync.
    #[error("`{name}` has `{function}` async already, which is sync in the dialect `{form}`")]
    AlreadyAsync {
        /// The file.
        name: String,
        /// The function, with its interface.
        function: String,
        /// The form that it was to have.
        form: Form,
        /// The form that it fits.
        fits: Option<Form>,
    },
    /// From a function that stays sync a lifted one can be called.
    #[error(
        "{component} calls {}, to be async, and exports the sync {}: called from there, an engine traps with `cannot block \
         a synchronous task before returning`",
        few(.calls), few(.exports)
    )]
    SyncExport {
        /// The component, in words.
        component: String,
        /// What it exports that stays sync.
        exports: Vec<String>,
        /// What it calls that is to be lifted.
        calls: Vec<String>,
        /// Whether it is nested in the one that was to be lifted.
        is_within: bool,
        /// Whether the form is one of which a smaller one does not lift what is called.
        is_sync_in_mixed: bool,
    },
    /// A lifted function is called from two sides.
    #[error(
        "{component} would be called from two sides: `{}` by {}, and `{}` by {}; an engine keeps calls of a lifted \
         function apart from one side only",
        .routes[0].function, .routes[0].caller, .routes[1].function, .routes[1].caller
    )]
    TwoRoutes {
        /// The component, in words.
        component: String,
        /// The two.
        routes: Box<[Route; 2]>,
    },
    /// Something that would have to be lifted is not in it.
    #[error("`{name}` cannot be lifted without {what}")]
    NotInIt {
        /// The file.
        name: String,
        /// What.
        what: String,
    },
    /// Its instances are nested deeper, or its types used in more ways, than can be followed.
    #[error("`{name}` has more instances in instances than any real component")]
    TooMuch {
        /// The file.
        name: String,
    },
    /// What was made is not valid, or cannot be made: a bug.
    #[error("lifting `{name}` failed inside msgcompose")]
    Broken {
        /// The file.
        name: String,
        /// What went wrong.
        #[source]
        source: DynError,
    },
}

/// A way into a component.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Route {
    /// Who calls, in words.
    pub caller: String,
    /// What is called, with its interface.
    pub function: String,
}

/// What a component has in place of functions that can be lifted.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Instead {
    /// Messaging that is sync in the form. In the form async these functions would not be.
    Sync {
        /// With their interfaces.
        in_async: Vec<String>,
    },
    /// Other messaging, or another version of it.
    Messaging(Vec<InterfaceId>),
    /// No messaging. What it exports, or if that is nothing, what it imports.
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

/// The first of these names, and how many there are more.
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
            Self::NothingToLift { form, instead: Instead::Sync { in_async }, .. } if in_async.is_empty() => {
                format!("it is of the dialect `{form}` as it is: take it without lifting").into()
            }
            Self::NothingToLift { form, instead: Instead::Sync { in_async }, .. } => {
                let lift = quoted(in_async, ", ");
                Remedy::from(format!(
                    "it is of the dialect `{form}` as it is: take it without lifting, or lift {lift} by "
                ))
                .name(Setting::dialect(Form::Async))
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
                .name(Setting::dialect(Form::Mixed))
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
