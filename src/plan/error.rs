use super::{Open, Reason};
use crate::{
    adapters::providers::bridges,
    common::{
        ErrorKind,
        quote::quoted,
        remedy::{Command, Remedied, Remedy, Setting},
    },
    types::{
        component::ComponentError,
        dialect::{Dialect, InDialect, Messaging},
        difference::Difference,
        interface::{ExternName, InterfaceId},
    },
    uplift::UpliftError,
};

/// Why the adapters cannot be put around the guest.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
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
        dialects: Vec<Messaging>,
        /// The guest's imports that are of messaging or look so, with what was looked at for each.
        open: Vec<Open>,
    },
    /// The guest imports what the adapter provides, at a version that it does not serve.
    #[error("import `{import}` of `{guest}` has no adapter: `{adapter}` provides `{provided}`{}", pre_release(.provided))]
    OtherVersion {
        /// The adapter.
        adapter: String,
        /// The guest.
        guest: String,
        /// Its import.
        import: Box<InterfaceId>,
        /// The adapter's export.
        provided: Box<InterfaceId>,
        /// The guest's imports that are of messaging or look so, with what was looked at for each.
        open: Vec<Open>,
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
        /// Its adapter.
        provider: String,
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
        dialects: Vec<Messaging>,
        /// The import, if it is one of what is inside, with all parts that were looked at for it.
        open: Vec<Open>,
        /// Where the types first differ.
        #[source]
        difference: Box<Difference>,
    },
    /// The guest speaks an older draft, and no adapter serves it.
    #[error("`{guest}` speaks {}, which no host has", .messaging.describe())]
    Draft {
        /// The guest.
        guest: String,
        /// What it speaks.
        messaging: Box<Messaging>,
    },
    /// A part exports to the host what something else already exports: the same interface on one semver track, or
    /// `wasi:cli/run` in any version.
    #[error("{}", conflict(.export, .part, .taken, .other))]
    ExportConflict {
        /// The export.
        export: ExternName,
        /// The part.
        part: String,
        /// Its adapter.
        adapter: String,
        /// The export that is there already.
        taken: Box<ExternName>,
        /// Who has it.
        other: String,
        /// The adapter that this is a part of. None if it is the guest.
        inner: Option<String>,
    },
    /// The component inside exports an interface that a host would call, or the part's, but not both.
    #[error(
        "`{other}` exports `{export}` and `{part}` exports {}: a host calls only one of them",
        quoted(.exports, ", ")
    )]
    Clash {
        /// The export.
        export: ExternName,
        /// The component that has it.
        other: String,
        /// The adapter's part.
        part: String,
        /// What the part exports.
        exports: Vec<ExternName>,
        /// The option that chooses another build of the part, if one may fit.
        setting: Option<String>,
    },
    /// A part has no form in the dialect, and cannot be lifted to it.
    #[error("`{part}` has sync functions only, and cannot be lifted to the dialect `{dialect}`")]
    NotLifted {
        /// The part.
        part: String,
        /// Its adapter.
        adapter: String,
        /// The dialect.
        dialect: Dialect,
        /// Why.
        #[source]
        reason: Box<UpliftError>,
    },
    /// Replies would have to pass a part that is kept busy by what waits for them.
    #[error(
        "`{part}` takes one message at a time, so no reply could pass it on the way to `{inner}` while the guest waits for that"
    )]
    HoldsUp {
        /// The part.
        part: String,
        /// Its adapter.
        outer: String,
        /// The part further inside, which takes the replies.
        inner: String,
        /// Its adapter.
        adapter: String,
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

impl PlanError {
    /// The imports that it is about, with what was looked at for each.
    #[must_use]
    pub fn open(&self) -> &[Open] {
        match self {
            PlanError::NothingToDo { open, .. }
            | PlanError::OtherVersion { open, .. }
            | PlanError::DoesNotFit { open, .. } => open,
            _ => &[],
        }
    }

    /// Where two types first differ, if that is what is wrong.
    #[must_use]
    pub fn difference(&self) -> Option<&Difference> {
        match self {
            PlanError::DoesNotFit { difference, .. } => Some(difference),
            _ => None,
        }
    }

    /// The first import that is spelt almost as an export, and that.
    fn misspelt(&self) -> Option<(&str, &str)> {
        let mut pairs = self.open().iter().flat_map(|open| open.candidates.iter().map(move |one| (open, one)));
        pairs.find_map(|(open, candidate)| match &candidate.reason {
            Reason::OtherName { exports } => Some((&*open.import, &**exports)),
            _ => None,
        })
    }
}

impl Remedied for PlanError {
    fn kind(&self) -> ErrorKind {
        match self {
            PlanError::Component(error) => error.kind(),
            _ => ErrorKind::Refused,
        }
    }

    fn remedy(&self) -> Option<Remedy> {
        Some(match self {
            PlanError::NothingToDo { adapter, guest, provides, dialects, imports, .. } => {
                let inspect = || Command::Inspect { file: guest.clone() };
                // A dialect of the same shape cannot be the reason: it is in the types, and no name matches.
                let is_other = |one: &&Messaging| one.dialect.is_none() || one.shape.differs.is_some();
                if let Some(remedy) = foreign(dialects.iter().filter(is_other)) {
                    remedy
                } else if provides.iter().filter_map(ExternName::interface).any(Messaging::is_handler) {
                    let handler = Setting::Handler { file: adapter.clone() };
                    let remedy = Remedy::from(format!("`{adapter}` is a handler: ")).run(Command::Link);
                    remedy.text(" takes it, by ").name(handler)
                } else if let Some((import, export)) = self.misspelt() {
                    format!("`{guest}` imports `{import}`: did you mean `{export}`?").into()
                } else if imports.is_empty() {
                    let remedy = Remedy::from(format!("is `{guest}` the right file? "));
                    remedy.run(inspect()).text(" shows what it imports")
                } else {
                    let remedy = Remedy::from("leave the adapter out; ");
                    remedy.run(inspect()).text(" shows what the guest needs of its host")
                }
            }
            PlanError::OtherVersion { import, provided, .. } => {
                Remedy::from(format!("rebuild the guest against {}, or ", version(provided)))
                    .pass(Setting::AnyAdapter(format!("a component that provides {}", version(import))))
            }
            PlanError::AlreadyProvided { adapter, provider, .. } if provider == adapter => {
                format!("give `{adapter}` once").into()
            }
            PlanError::AlreadyProvided { adapter, provider, .. } => {
                format!("leave `{adapter}` out, or give it before `{provider}`, so that it comes first").into()
            }
            PlanError::DoesNotFit { dialects, interface, .. } => foreign(dialects).unwrap_or_else(|| {
                format!("build both against the same definition of `{interface}`, or leave an adapter out").into()
            }),
            PlanError::Draft { messaging, .. } => messaging.rebuild().into(),
            PlanError::ExportConflict { adapter, inner: Some(inner), .. } if adapter == inner => {
                format!("leave `{adapter}` out").into()
            }
            PlanError::ExportConflict { adapter, inner: Some(inner), .. } => {
                format!("leave `{adapter}` or `{inner}` out").into()
            }
            PlanError::ExportConflict { adapter, taken, .. } if taken.is_program() => format!(
                "leave `{adapter}` out, build the guest without `{taken}`, or take an adapter with a part that wraps it"
            )
            .into(),
            PlanError::ExportConflict { adapter, taken, .. } => {
                format!("leave `{adapter}` out, or build the guest without `{taken}`").into()
            }
            PlanError::Clash { export, setting: Some(option), .. } => {
                let remedy = Remedy::from(format!("build the guest without `{export}`, or choose another version by "));
                remedy.name(Setting::option(option))
            }
            PlanError::Clash { export, .. } => format!("build the guest without `{export}`").into(),
            PlanError::NotLifted { adapter, .. } => {
                Remedy::from(format!("leave `{adapter}` out, or take a sync guest, without "))
                    .name(Setting::Dialect(None))
                    .text(" and what waits in memory")
            }
            PlanError::HoldsUp { outer, adapter, .. } => {
                format!("give `{outer}` before `{adapter}`, so that it stands further inside").into()
            }
            PlanError::Component(error) => return error.remedy(),
            PlanError::Cycle { .. } => "give the adapters in another order".into(),
        })
    }
}

/// What the adapters serve instead of what the guest speaks.
fn foreign<'a>(dialects: impl IntoIterator<Item = &'a Messaging>) -> Option<Remedy> {
    let foreign = dialects.into_iter().find(|dialect| !dialect.is_served())?;
    let speaks = format!("the guest speaks {}", foreign.describe());
    let bridges = bridges(foreign);
    Some(match foreign.dialect {
        Some(InDialect::Known(dialect)) => Remedy::from(format!("{speaks}: "))
            .pass(Setting::dialect(dialect))
            .text(", or build it with sync functions"),
        _ if !bridges.is_empty() => {
            Remedy::from(format!("{speaks}: put it first, ")).pass(Setting::adapter(&bridges[0]))
        }
        _ => foreign.unserved("the guest").into(),
    })
}

fn conflict(export: &ExternName, part: &str, taken: &ExternName, other: &str) -> String {
    if export == taken {
        return format!("`{part}` and `{other}` both export `{export}`");
    }
    format!("`{other}` exports `{taken}` and `{part}` exports `{export}`: a host calls only one of them")
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
