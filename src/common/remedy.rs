//! What to do about an error, as data: a sentence in which settings and commands stand as such. Printed, it has the
//! library's terms: "set option `reply-topic`". The command line words the same settings as flags, and in a build as keys
//! of the project file.

use super::ErrorKind;
use std::{borrow::Cow, error::Error, fmt};

mod command;
mod setting;

pub use command::Command;
pub use setting::Setting;

/// An error that knows who must act on it, and what to do.
///
/// ```
/// use msgcompose::{Composition, Remedied, adapters, remedy::Setting};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let guest = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/prebuilt/quote-desk.wasm"));
/// let adapter = adapters::get("reqreply-over-pubsub")?;
/// let error = Composition::new("quote-desk.wasm", &guest[..]).adapter(adapter).compose().unwrap_err();
/// let remedy = error.remedy().expect("there is something to do");
/// assert!(remedy.to_string().starts_with("set option `reply-topic`; "));
/// let missing = Setting::Option { adapter: None, name: "reply-topic".to_owned() };
/// assert_eq!(remedy.settings().collect::<Vec<_>>(), [&missing]);
/// # Ok(())
/// # }
/// ```
pub trait Remedied: Error + Send + Sync + 'static {
    /// Returns who must act.
    fn kind(&self) -> ErrorKind {
        ErrorKind::Refused
    }

    /// Returns what to do about it, if anything can be said. A bug is to be reported.
    fn remedy(&self) -> Option<Remedy> {
        (self.kind() == ErrorKind::Internal).then(Remedy::report)
    }
}

/// What to do about an error: a sentence without a full stop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remedy(Vec<Piece>);

/// A piece of a [`Remedy`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Piece {
    /// Words that suit every reader.
    Text(Cow<'static, str>),
    /// A request to make a setting: "set option `reply-topic`".
    Pass(Setting),
    /// A request to make one of two settings, and not both.
    Either([Setting; 2]),
    /// The name of settings that belong together: "secret `token` and options from `env`".
    Name(Vec<Setting>),
    /// The name of a command: "inspecting `guest.wasm`".
    Run(Command),
}

impl Remedy {
    /// Returns the pieces, in their order.
    #[must_use]
    pub fn pieces(&self) -> &[Piece] {
        &self.0
    }

    /// Returns the settings that it names, in their order, without those that are only within a command.
    pub fn settings(&self) -> impl Iterator<Item = &Setting> {
        self.0.iter().flat_map(|piece| match piece {
            Piece::Text(_) | Piece::Run(_) => &[][..],
            Piece::Pass(setting) => std::slice::from_ref(setting),
            Piece::Either(settings) => settings,
            Piece::Name(settings) => settings,
        })
    }

    /// An empty one, to be added to.
    pub(crate) fn new() -> Self {
        Self(Vec::new())
    }

    /// Asks whether a name was meant that is much like the given one.
    pub(crate) fn did_you_mean(name: &str) -> Self {
        Self::from(format!("did you mean `{name}`?"))
    }

    /// What to do about a bug of this tool.
    pub(crate) fn report() -> Self {
        Self::from("this is a bug in msgcompose; please report it with the guest and the command")
    }

    /// Adds words.
    pub(crate) fn text(self, text: impl Into<Cow<'static, str>>) -> Self {
        self.with(Piece::Text(text.into()))
    }

    /// Adds a request to make a setting.
    pub(crate) fn pass(self, setting: Setting) -> Self {
        self.with(Piece::Pass(setting))
    }

    /// Adds a request to make one of two settings.
    pub(crate) fn either(self, one: Setting, other: Setting) -> Self {
        self.with(Piece::Either([one, other]))
    }

    /// Adds the name of a setting.
    pub(crate) fn name(self, setting: Setting) -> Self {
        self.with(Piece::Name(vec![setting]))
    }

    /// Adds the name of settings that belong together.
    pub(crate) fn names(self, settings: impl Into<Vec<Setting>>) -> Self {
        self.with(Piece::Name(settings.into()))
    }

    /// Adds the name of a command.
    pub(crate) fn run(self, command: Command) -> Self {
        self.with(Piece::Run(command))
    }

    fn with(mut self, piece: Piece) -> Self {
        self.0.push(piece);
        self
    }
}

/// A remedy of nothing but words.
impl From<&'static str> for Remedy {
    fn from(text: &'static str) -> Self {
        Self::new().text(text)
    }
}

/// A remedy of nothing but words.
impl From<String> for Remedy {
    fn from(text: String) -> Self {
        Self::new().text(text)
    }
}

impl fmt::Display for Remedy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|piece| piece.fmt(f))
    }
}

impl fmt::Display for Piece {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Pass(setting) => f.write_str(&setting.request()),
            Self::Either([one, other]) => write!(f, "set either {one} or {other}"),
            Self::Name(settings) => setting::names(settings).fmt(f),
            Self::Run(command) => command.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_remedy_reads_as_a_sentence_and_gives_its_settings() {
        let option = || Setting::Option { adapter: None, name: "mode".to_owned() };
        let secret = || Setting::Secret("mode".to_owned());
        let remedy = Remedy::from("now ")
            .pass(option())
            .text(", or ")
            .names([secret(), Setting::ConfigFrom("env".to_owned())])
            .text("; ")
            .either(option(), secret())
            .text("; ")
            .run(Command::Inspect { file: "a.wasm".to_owned() })
            .text(" helps");
        let said = "now set option `mode`, or secret `mode` and options from `env`; set either option `mode` or secret \
                    `mode`; inspecting `a.wasm` helps";
        assert_eq!(remedy.to_string(), said);
        let from = Setting::ConfigFrom("env".to_owned());
        assert_eq!(remedy.settings().collect::<Vec<_>>(), [&option(), &secret(), &from, &option(), &secret()]);
    }
}
