use super::{MAX_HANDLERS, pattern::ParsePatternError};
use crate::{
    adapters::providers::bridges,
    common::{
        ErrorKind,
        quote::quoted,
        remedy::{Command, Remedied, Remedy, Setting},
    },
    types::{
        component::ComponentError,
        dialect::{Dialect, Messaging},
        difference::Difference,
        interface::ExternName,
    },
    uplift::UpliftError,
};

/// Why guests cannot be linked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LinkError {
    /// A guest cannot wait for an async one.
    #[error("`{guest}` cannot be linked with `{other}`, which is async")]
    CannotWait {
        /// The guest.
        guest: String,
        /// The guest that is async.
        other: String,
        /// Why the guest cannot be async.
        #[source]
        source: Box<UpliftError>,
    },
    /// A guest cannot be async, and the dialect of the composition is.
    #[error("`{guest}` is linked, and cannot be async, as the dialect `{dialect}` has it")]
    NotLifted {
        /// The guest.
        guest: String,
        /// The dialect.
        dialect: Dialect,
        /// Why the guest cannot be async.
        #[source]
        source: Box<UpliftError>,
    },
    /// The host is to have sync messaging, and a guest is async.
    #[error("`{guest}` is async, so what it is linked with cannot have the dialect `sync`")]
    NotSync {
        /// The guest.
        guest: String,
        /// The dialect that the linked guests have together.
        dialect: Dialect,
    },
    /// There are more than any host would let call one another.
    #[error("{count} handlers are given, and {MAX_HANDLERS} is the limit")]
    TooManyHandlers {
        /// How many.
        count: usize,
    },
    /// A handler is given no pattern.
    #[error("handler `{handler}` is given no pattern")]
    NoPattern {
        /// The handler.
        handler: String,
    },
    /// A text is not a pattern.
    #[error("`{text}`, given for `{handler}`, is not a pattern of topics")]
    BadPattern {
        /// The text.
        text: String,
        /// Whose it is.
        handler: String,
        /// Why.
        #[source]
        source: ParsePatternError,
    },
    /// Two handlers would be asked for the same.
    #[error("pattern `{pattern}` is given twice: for `{first}` and for `{second}`")]
    PatternTwice {
        /// The pattern.
        pattern: String,
        /// The handler that has it.
        first: String,
        /// The one that is to have it too.
        second: String,
    },
    /// A handler has nothing to be called by.
    #[error("handler `{handler}` does not export `{interface}`")]
    NotAHandler {
        /// The handler.
        handler: String,
        /// What it would have to export.
        interface: String,
        /// The messaging interfaces that it speaks.
        dialects: Vec<Messaging>,
    },
    /// The names match, the types do not.
    #[error("`{guest}` cannot be linked: it has other types for `{interface}`")]
    DoesNotFit {
        /// The guest.
        guest: String,
        /// The interface.
        interface: ExternName,
        /// The messaging interfaces that the guest speaks.
        dialects: Vec<Messaging>,
        /// Where the types first differ.
        #[source]
        difference: Box<Difference>,
    },
    /// A guest imports messaging that is not linked.
    #[error("`{guest}` imports `{import}`, which no linked component serves")]
    OtherMessaging {
        /// The guest.
        guest: String,
        /// The import.
        import: ExternName,
        /// The messaging interfaces that the guest speaks.
        dialects: Vec<Messaging>,
    },
    /// Nobody could call a handler.
    #[error("handler `{handler}` cannot be reached: {}, to its left, {}", quoted(.left, ", "), if .left.len() == 1 { "neither sends nor requests" } else { "neither send nor request" })]
    NobodyAsks {
        /// The handler.
        handler: String,
        /// Who stands to its left.
        left: Vec<String>,
    },
    /// Others are asked for all of a handler's topics.
    #[error("handler `{handler}` cannot be reached: nobody to its left sends, and every request for {} goes to {}", quoted(.patterns, ", "), quoted(.others, ", "))]
    Shadowed {
        /// The handler.
        handler: String,
        /// Its patterns.
        patterns: Vec<String>,
        /// The handlers that have more specific ones.
        others: Vec<String>,
    },
    /// The application only handles messages, and none are to be delivered.
    #[error("`{app}` exports nothing but `{interface}`, and nobody would call it: no message is delivered")]
    NobodyDelivers {
        /// The application.
        app: String,
        /// The export.
        interface: String,
    },
    /// Messages are to be delivered to the application, and it does not handle any.
    #[error("messages are to be delivered to `{app}`, which does not export `{interface}`")]
    AppHandlesNothing {
        /// The application.
        app: String,
        /// What it would have to export.
        interface: String,
        /// The messaging interfaces that it speaks.
        dialects: Vec<Messaging>,
    },
    /// A guest cannot be read.
    #[error(transparent)]
    Component(#[from] ComponentError),
}

impl LinkError {
    /// Where two types first differ, if that is what is wrong.
    #[must_use]
    pub fn difference(&self) -> Option<&Difference> {
        match self {
            LinkError::DoesNotFit { difference, .. } => Some(difference),
            _ => None,
        }
    }
}

impl Remedied for LinkError {
    fn kind(&self) -> ErrorKind {
        match self {
            LinkError::NoPattern { .. } | LinkError::BadPattern { .. } | LinkError::PatternTwice { .. } => {
                ErrorKind::Usage
            }
            LinkError::Component(error) => error.kind(),
            _ => ErrorKind::Refused,
        }
    }

    fn remedy(&self) -> Option<Remedy> {
        let inspect = |file: &String| Command::Inspect { file: file.clone() };
        Some(match self {
            LinkError::CannotWait { guest, other, .. } => format!(
                "build `{other}` with sync functions, or `{guest}` with async exports only: who waits for an async \
                 function must be async itself"
            )
            .into(),
            LinkError::NotLifted { guest, .. } => {
                Remedy::from("leave all of them sync: without ").name(Setting::Dialect(None)).text(format!(
                    ", and with a mailbox in a bucket (`mailbox=keyvalue`); or build `{guest}` with async exports only"
                ))
            }
            LinkError::NotSync { dialect, .. } => Remedy::from("take ").name(Setting::dialect(dialect)),
            LinkError::TooManyHandlers { .. } => {
                Remedy::from("give handlers that belong together several patterns, or link in two steps with ")
                    .name(Setting::UnroutedToHost)
            }
            LinkError::NoPattern { handler } => {
                Remedy::from("name what it handles: ").name(Setting::Handler { file: handler.clone() })
            }
            LinkError::BadPattern { .. } => {
                "a pattern is tokens between dots, `*` for one token and a last `>` for the rest: `orders.*.paid`, \
                 `audit.>`"
                    .into()
            }
            LinkError::PatternTwice { second, .. } => format!(
                "give it once, or `{second}` a more specific one; a message that is sent goes to all that match"
            )
            .into(),
            LinkError::NotAHandler { handler, dialects, .. } => foreign(handler, dialects).unwrap_or_else(|| {
                let remedy = Remedy::from(format!("is `{handler}` the right file? "));
                remedy.run(inspect(handler)).text(" shows what it exports")
            }),
            LinkError::DoesNotFit { guest, dialects, interface, .. } => foreign(guest, dialects).unwrap_or_else(|| {
                format!("build `{guest}` against the definition of `{interface}` that is linked").into()
            }),
            LinkError::OtherMessaging { guest, dialects, .. } => foreign(guest, dialects)
                .unwrap_or_else(|| format!("build `{guest}` against `wasi:messaging@0.2.0-draft`").into()),
            LinkError::NobodyAsks { handler, left } => {
                let remedy = Remedy::from(format!("give `{handler}` behind one that does, or leave it out; "));
                remedy.run(inspect(left.last()?)).text(" shows what that imports")
            }
            LinkError::Shadowed { .. } => "give it a more specific pattern, or leave it out".into(),
            LinkError::NobodyDelivers { .. } => Remedy::new().pass(Setting::DeliverToApp),
            LinkError::AppHandlesNothing { app, dialects, .. } => foreign(app, dialects).unwrap_or_else(|| {
                "only the application gets what comes in: put first what handles it, or deliver to nobody".into()
            }),
            LinkError::Component(error) => return error.remedy(),
        })
    }
}

/// What a guest speaks that is not linked.
fn foreign(guest: &str, dialects: &[Messaging]) -> Option<Remedy> {
    let foreign = dialects.iter().find(|dialect| !dialect.is_served())?;
    let speaks = format!("`{guest}` speaks {}", foreign.describe());
    let bridges = bridges(foreign);
    Some(match bridges.first() {
        Some(bridge) => {
            let settings = vec![Setting::adapter(bridge)];
            let plug = Command::Plug { file: Some(guest.to_owned()), settings };
            Remedy::from(format!("{speaks}: link the output of ")).run(plug)
        }
        None => foreign.unserved(&format!("`{guest}`")).into(),
    })
}
