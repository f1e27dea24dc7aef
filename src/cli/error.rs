//! Errors as the user sees them: the chain, a hint, an exit code.

use super::{
    Cli,
    adapter::{Exists, NotWritten},
    batch::BatchError,
    build::NotBuilt,
    explain::Explained,
    inspect::NoBill,
    io,
    load::Bug,
    style,
};
use crate::{
    adapters::catalogue::UnknownAdapter,
    common::ErrorKind as Kind,
    hosts::check::DoesNotRun,
    hosts::profile::UnknownProfile,
    plan::{Open, PlanError, Reason},
    project::{ProjectError, lock::LockError},
    provenance::inspect::InspectError,
    types::{component::ComponentError, difference::Difference},
};
use anyhow::Error;
use serde::Serialize;
use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    process::ExitCode,
    sync::Mutex,
};

/// A command line that is wrong in a way that clap cannot see.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Usage {
    /// What is wrong.
    pub message: String,
    /// The way out.
    pub hint: String,
}

/// The folder that a file was to be written to is not there.
#[derive(Debug, thiserror::Error)]
#[error("there is no folder `{0}`")]
pub struct NoFolder(pub String);

/// Runs the command line, and makes of its failure a message and an exit code. A panic is a failure too.
pub fn run(cli: Cli) -> ExitCode {
    catch_panics();
    let (json, explain) = (cli.json(), cli.explain());
    let error = match caught(|| cli.run()) {
        Ok(()) => return ExitCode::SUCCESS,
        Err(error) => error,
    };
    let failure = Failure::of(&error, explain);
    let text = match io::json("error", &failure) {
        Ok(text) if json => text,
        _ => failure.to_string(),
    };
    style::eprint(&text);
    ExitCode::from(match failure.kind {
        Kind::Refused => 1,
        Kind::Usage => 2,
        _ => 3,
    })
}

/// Where the last panic was.
static PLACE: Mutex<Option<String>> = Mutex::new(None);

/// A panic is told in the form of all errors, so the default hook's message is not wanted; what it knows of the place is.
fn catch_panics() {
    std::panic::set_hook(Box::new(|panic| {
        *PLACE.lock().expect("the hook does not panic") = panic.location().map(ToString::to_string);
    }));
}

/// What `work` gives; a panic in it is an error.
pub fn caught<T>(work: impl FnOnce() -> anyhow::Result<T>) -> anyhow::Result<T> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
        let place = PLACE.lock().expect("the hook does not panic").take();
        Err(Panicked { place: place.unwrap_or_default() }.into())
    })
}

/// This tool panicked.
#[derive(Debug, thiserror::Error)]
#[error("msgcompose panicked at {place}")]
struct Panicked {
    place: String,
}

/// An error as it is told.
#[derive(Debug, Serialize)]
pub struct Failure {
    kind: Kind,
    error: String,
    causes: Vec<String>,
    hint: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    difference: Option<Difference>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    open: Vec<Open>,
    /// Whether people are told of all that is open.
    #[serde(skip)]
    explain: bool,
}

impl Failure {
    /// `explain`: whether people are told of all that is open.
    pub fn of(error: &Error, explain: bool) -> Self {
        let plan = match find::<crate::compose::error::Error>(error) {
            Some(crate::compose::error::Error::Plan(error)) => Some(error),
            _ => None,
        };
        let linking = match find::<crate::compose::error::Error>(error) {
            Some(crate::compose::error::Error::Link(error)) => error.difference(),
            _ => None,
        };
        let mut causes: Vec<String> = error.chain().skip(1).map(ToString::to_string).collect();
        // An error may say what is behind it in its own words already.
        causes.dedup();
        Self {
            kind: kind(error),
            error: error.to_string(),
            causes,
            hint: hint(error),
            difference: plan.and_then(PlanError::difference).or(linking).cloned(),
            open: plan.map_or_else(Vec::new, |error| error.open().to_vec()),
            explain,
        }
    }

    /// Other parts of which one would have done, but that do not fit either.
    fn neither(&self) -> impl Iterator<Item = (&str, &Difference)> {
        let candidates = self.open.iter().flat_map(|open| &open.candidates);
        candidates.filter_map(|candidate| match (&candidate.reason, &self.difference) {
            (Reason::TypesDiffer { difference }, Some(told)) if **difference != *told => {
                Some((&*candidate.component, &**difference))
            }
            _ => None,
        })
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (red, cyan) = (style::ERROR, style::HINT);
        writeln!(f, "{red}error:{red:#} {}", self.error)?;
        if !self.causes.is_empty() {
            writeln!(f, "Caused by:")?;
        }
        for (number, cause) in self.causes.iter().enumerate() {
            // Behind the number, all lines of it.
            writeln!(f, "  {number}: {}", cause.trim_end().replace('\n', "\n     "))?;
        }
        if self.explain {
            write!(f, "{}", Explained { heading: "open imports", open: &self.open })?;
        } else {
            for (component, difference) in self.neither() {
                writeln!(f, "`{component}` does not fit either: {}", difference.what)?;
            }
        }
        match &self.hint {
            Some(hint) => writeln!(f, "\n{cyan}hint:{cyan:#} {hint}"),
            None => Ok(()),
        }
    }
}

/// Whose turn it is.
pub fn kind(error: &Error) -> Kind {
    let is_usage = find::<Usage>(error).is_some()
        || find::<UnknownAdapter>(error).is_some()
        || find::<UnknownProfile>(error).is_some()
        || find::<ProjectError>(error).is_some();
    if is_usage {
        return Kind::Usage;
    }
    if find::<Panicked>(error).is_some() {
        return Kind::Internal;
    }
    match (find::<crate::compose::error::Error>(error), find::<InspectError>(error)) {
        (Some(error), _) => error.kind(),
        (_, Some(InspectError::Component(ComponentError::Panicked { .. }))) => Kind::Internal,
        _ => Kind::Refused,
    }
}

fn hint(error: &Error) -> Option<String> {
    let writing =
        || find::<NoFolder>(error).map(|NoFolder(folder)| format!("make the folder first: `mkdir -p {folder}`"));
    // A context, and not an error that something else is behind.
    let bug = error.downcast_ref::<Bug>().map(Bug::hint);
    let own = find::<Usage>(error).map(|usage| usage.hint.clone());
    let unknown = || find::<UnknownAdapter>(error).map(UnknownAdapter::hint);
    let host = || find::<UnknownProfile>(error).and_then(UnknownProfile::hint);
    let adapter = || find::<Exists>(error).map(Exists::hint);
    let checking = || find::<DoesNotRun>(error).map(DoesNotRun::hint);
    let bill = || find::<NoBill>(error).map(NoBill::hint);
    let composing = || find::<crate::compose::error::Error>(error).and_then(crate::compose::error::Error::hint);
    let inspecting = || match find::<InspectError>(error)? {
        InspectError::Binary(error) => Some(error.hint()),
        InspectError::Component(error) => error.hint(),
    };
    let project = || find::<ProjectError>(error).and_then(ProjectError::hint);
    let lock = || find::<LockError>(error).map(LockError::hint);
    let batch = || find::<BatchError>(error).map(BatchError::hint);
    let hint = bug
        .or(own)
        .or_else(unknown)
        .or_else(host)
        .or_else(checking)
        .or_else(bill)
        .or_else(composing)
        .or_else(inspecting)
        .or_else(adapter)
        .or_else(writing)
        .or_else(project)
        .or_else(lock)
        .or_else(batch)
        .or_else(|| error.is::<NotWritten>().then(|| NotWritten::HINT.to_owned()));
    match error.downcast_ref::<NotBuilt>() {
        Some(_) => hint.map(NotBuilt::hint),
        None => hint,
    }
}

fn find<E: std::error::Error + 'static>(error: &Error) -> Option<&E> {
    error.chain().find_map(<dyn std::error::Error + 'static>::downcast_ref)
}
