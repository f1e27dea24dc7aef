use crate::{
    component::ComponentError,
    dialect::Dialect,
    interface::{ExternName, InterfaceId},
    quote::quoted,
};

/// Why the adapters cannot be put around the guest.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// An adapter serves nothing that is open.
    #[error("adapter `{adapter}` has nothing to do: it provides {}, and `{guest}` imports {}", quoted(.provides, ", "), messaging(.imports))]
    NothingToDo {
        /// The adapter.
        adapter: String,
        /// The guest.
        guest: String,
        /// What the adapter could serve.
        provides: Vec<ExternName>,
        /// What the guest imports of messaging.
        imports: Vec<ExternName>,
        /// The messaging interfaces that the guest speaks.
        dialects: Vec<Dialect>,
    },
    /// The guest imports what the adapter provides, at a version that it does not serve.
    #[error("import `{import}` of `{guest}` has no adapter: `{adapter}` provides `{provided}`{}", pre_release(.provided))]
    OtherVersion {
        /// The adapter.
        adapter: String,
        /// The guest.
        guest: String,
        /// Its import.
        import: InterfaceId,
        /// The adapter's export.
        provided: InterfaceId,
    },
    /// An adapter further inside already serves what this one could.
    #[error("adapter `{adapter}` has nothing to do: `{by}` already provides `{import}`")]
    AlreadyProvided {
        /// The adapter.
        adapter: String,
        /// The guest's import.
        import: ExternName,
        /// The part that serves it.
        by: String,
    },
    /// The names match, the types do not.
    #[error("`{part}` does not fit `{other}`: they have different types for `{interface}`")]
    DoesNotFit {
        /// The adapter's part.
        part: String,
        /// What it was to be wired to.
        other: String,
        /// The interface.
        interface: ExternName,
        /// The messaging interfaces that the guest speaks.
        dialects: Vec<Dialect>,
        /// Where the types first differ.
        source: Option<Cause>,
    },
    /// An interceptor exports to the host what something else already exports.
    #[error("`{part}` and `{other}` both export `{export}`")]
    ExportConflict {
        /// The export.
        export: ExternName,
        /// The adapter's part.
        part: String,
        /// Who has it already.
        other: String,
    },
    /// A part that could serve something is not a valid component.
    #[error(transparent)]
    Component(#[from] ComponentError),
    /// Components would have to be instantiated before one another.
    #[error("`{component}` would feed itself, by way of other components")]
    Cycle {
        /// One of them.
        component: String,
    },
}

/// A reason in words, with the one behind it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Cause {
    message: String,
    source: Option<Box<Cause>>,
}

impl Cause {
    /// A chain of reasons, outermost first.
    pub(super) fn chain<'a>(messages: impl DoubleEndedIterator<Item = &'a str>) -> Option<Self> {
        let mut cause = None;
        for message in messages.rev() {
            cause = Some(Self { message: message.to_owned(), source: cause.map(Box::new) });
        }
        cause
    }
}

impl PlanError {
    /// The way out, if there is one to name.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            PlanError::NothingToDo { guest, dialects, imports, .. } => foreign(dialects).or_else(|| {
                Some(if imports.is_empty() {
                    format!("is `{guest}` the right file? `msgcompose inspect {guest}` shows what it imports")
                } else {
                    format!(
                        "leave the adapter out; `msgcompose inspect {guest}` shows what the guest needs of its host"
                    )
                })
            }),
            PlanError::OtherVersion { import, provided, .. } => Some(format!(
                "rebuild the guest against {}, or pass `--adapter` a component that provides {}",
                version(provided),
                version(import)
            )),
            PlanError::AlreadyProvided { adapter, by, .. } => {
                let (other, _) = by.split_once('/').unwrap_or((by, ""));
                Some(if other == adapter {
                    format!("give `{adapter}` once")
                } else {
                    format!("leave `{adapter}` out, or give it before `{other}`, so that it comes first")
                })
            }
            PlanError::DoesNotFit { dialects, interface, .. } => {
                foreign(dialects).or_else(|| Some(format!("build both against the same definition of `{interface}`")))
            }
            PlanError::ExportConflict { export, part, .. } => {
                Some(format!("leave `{part}` out, or build the guest without `{export}`"))
            }
            PlanError::Component(error) => error.hint(),
            PlanError::Cycle { .. } => Some("give the adapters in another order".to_owned()),
        }
    }
}

/// What the adapters serve instead of what the guest speaks.
fn foreign(dialects: &[Dialect]) -> Option<String> {
    let foreign = dialects.iter().find(|dialect| !dialect.is_served())?;
    Some(format!(
        "the guest speaks {}; build it against `wasi:messaging@0.2.0-draft` with sync functions",
        foreign.describe()
    ))
}

fn messaging(imports: &[ExternName]) -> String {
    if imports.is_empty() { "nothing of messaging".to_owned() } else { quoted(imports, ", ") }
}

fn version(id: &InterfaceId) -> String {
    id.version().map_or_else(|| "no version".to_owned(), ToString::to_string)
}

fn pre_release(provided: &InterfaceId) -> &'static str {
    if provided.is_pre_release() { " (a pre-release serves only itself)" } else { "" }
}
