//! Why a command failed: an error of any stage, within the contexts that it went through. Whatever knows a remedy keeps it:
//! `?` takes no other errors than those and the few at the end of this file.

use crate::{
    common::{
        ErrorKind,
        printable::{printable, printable_lines},
        remedy::{Remedied, Remedy},
    },
    types::difference::Difference,
};
use std::{
    error::Error as StdError,
    fmt::{self, Display},
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Mutex,
};

/// What a command gives.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a command failed.
#[derive(Debug)]
pub struct Error(anyhow::Error);

impl Error {
    /// The error that knows its remedy: the outermost of them, none where nothing does.
    pub fn remedied(&self) -> Option<&dyn Remedied> {
        self.0.chain().find_map(|error| error.downcast_ref::<Told>()).map(|told| &*told.0)
    }

    /// Who must act.
    pub fn kind(&self) -> ErrorKind {
        self.remedied().map_or(ErrorKind::Refused, Remedied::kind)
    }

    /// The messages, from the outermost context inward. Names from outside are printable in them.
    pub fn messages(&self) -> impl Iterator<Item = String> {
        self.0.chain().map(message)
    }

    /// The same as an error that another one can have as its source.
    pub fn into_source(self) -> Box<dyn StdError + Send + Sync> {
        self.0.into()
    }
}

/// The message of an error. Only few have several lines; in any other, a line break is part of a name.
fn message(error: &(dyn StdError + 'static)) -> String {
    let has_lines = error.is::<Difference>()
        || error.is::<Box<Difference>>()
        || error.is::<wat::Error>()
        || error.is::<toml::de::Error>();
    let text = error.to_string();
    if has_lines { printable_lines(&text).into_owned() } else { printable(text.trim_end()).into_owned() }
}

/// An error that knows its remedy, as one that is found again within others.
#[derive(Debug)]
struct Told(Box<dyn Remedied>);

impl Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl StdError for Told {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source()
    }
}

impl<E: Remedied> From<E> for Error {
    fn from(error: E) -> Self {
        Self(Told(Box::new(error)).into())
    }
}

/// What was being done when an error came.
pub trait Context<T> {
    /// Puts this before the error's own message.
    fn context(self, context: impl Display + Send + Sync + 'static) -> Result<T>;

    /// The same with what `context` gives.
    fn with_context<C: Display + Send + Sync + 'static>(self, context: impl FnOnce() -> C) -> Result<T>;
}

impl<T, E: Into<Error>> Context<T> for Result<T, E> {
    fn context(self, context: impl Display + Send + Sync + 'static) -> Result<T> {
        self.with_context(|| context)
    }

    fn with_context<C: Display + Send + Sync + 'static>(self, context: impl FnOnce() -> C) -> Result<T> {
        self.map_err(|error| Error(error.into().0.context(context())))
    }
}

/// A command line that is wrong in a way that clap cannot see.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
struct Usage {
    /// What is wrong.
    message: String,
    /// What to do about it.
    hint: String,
}

/// Returns the error for a command line that is wrong in a way that clap cannot see.
pub fn usage(message: impl Into<String>, hint: impl Into<String>) -> Error {
    Usage { message: message.into(), hint: hint.into() }.into()
}

impl Remedied for Usage {
    fn kind(&self) -> ErrorKind {
        ErrorKind::Usage
    }

    fn remedy(&self) -> Option<Remedy> {
        Some(self.hint.clone().into())
    }
}

/// The folder that a file was to be written to is not there.
#[derive(Debug, thiserror::Error)]
#[error("there is no folder `{0}`")]
pub struct NoFolder(pub String);

impl Remedied for NoFolder {
    fn remedy(&self) -> Option<Remedy> {
        Some(format!("make the folder first: `mkdir -p {}`", self.0).into())
    }
}

/// This tool panicked.
#[derive(Debug, thiserror::Error)]
#[error("msgcompose panicked at {place}")]
struct Panicked {
    place: String,
}

impl Remedied for Panicked {
    fn kind(&self) -> ErrorKind {
        ErrorKind::Internal
    }
}

/// Where the last panic was.
static PLACE: Mutex<Option<String>> = Mutex::new(None);

/// A panic is told in the form of all errors, so the default hook's message is not wanted; what it knows of the place is.
pub fn catch_panics() {
    std::panic::set_hook(Box::new(|panic| {
        *PLACE.lock().expect("the hook does not panic") = panic.location().map(ToString::to_string);
    }));
}

/// What `work` gives; a panic in it is an error.
pub fn caught<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
        let place = PLACE.lock().expect("the hook does not panic").take();
        Err(Panicked { place: place.unwrap_or_default() }.into())
    })
}

/// Errors of others, of which nothing is known but what they say.
macro_rules! without_remedy {
    ($($error:ty),* $(,)?) => {
        $(impl From<$error> for Error {
            fn from(error: $error) -> Self {
                Self(error.into())
            }
        })*
    };
}

without_remedy! {
    fmt::Error,
    glob::GlobError,
    serde_json::Error,
    std::io::Error,
    std::string::FromUtf8Error,
    tempfile::PersistError,
}
