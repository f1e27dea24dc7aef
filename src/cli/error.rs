//! Errors as the user sees them: the chain, a hint, an exit code.

use super::{Cli, check::DoesNotRun, compose::ImportsLeft, explain::Explained, io, style};
use anyhow::Error;
use msgcompose::{
    Kind,
    catalogue::UnknownAdapter,
    choose::ChoiceError,
    component::ComponentError,
    difference::Difference,
    inspect::InspectError,
    plan::{Open, PlanError, Reason},
    profile::UnknownProfile,
};
use serde::Serialize;
use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    process::ExitCode,
    sync::{Arc, Mutex},
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
    // A panic is told in the form of all errors, so the default hook's message is not wanted; what it knows of the
    // place is.
    let place = Arc::new(Mutex::new(None));
    let noted = Arc::clone(&place);
    std::panic::set_hook(Box::new(move |panic| {
        *noted.lock().expect("the hook does not panic") = panic.location().map(ToString::to_string);
    }));
    let (json, explain) = (cli.json(), cli.explain());
    let error = match catch_unwind(AssertUnwindSafe(|| cli.run())) {
        Ok(Ok(())) => return ExitCode::SUCCESS,
        Ok(Err(error)) => error,
        Err(_) => {
            let place = place.lock().expect("the hook does not panic").take();
            anyhow::Error::new(Panicked { place: place.unwrap_or_default() })
        }
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
        Kind::Internal => 3,
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
struct Failure {
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
    fn of(error: &Error, explain: bool) -> Self {
        let plan = match find::<msgcompose::Error>(error) {
            Some(msgcompose::Error::Plan(error)) => Some(error),
            _ => None,
        };
        let linking = match find::<msgcompose::Error>(error) {
            Some(msgcompose::Error::Link(error)) => error.difference(),
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

fn kind(error: &Error) -> Kind {
    let is_usage = find::<Usage>(error).is_some()
        || find::<UnknownAdapter>(error).is_some()
        || find::<UnknownProfile>(error).is_some();
    if is_usage {
        return Kind::Usage;
    }
    if find::<Panicked>(error).is_some() {
        return Kind::Internal;
    }
    if let Some(ChoiceError::Guest(error)) = find(error) {
        return error.kind();
    }
    match (find::<msgcompose::Error>(error), find::<InspectError>(error)) {
        (Some(error), _) => error.kind(),
        (_, Some(InspectError::Component(ComponentError::Panicked { .. }))) => Kind::Internal,
        _ => Kind::Refused,
    }
}

fn hint(error: &Error) -> Option<String> {
    let writing =
        || find::<NoFolder>(error).map(|NoFolder(folder)| format!("make the folder first: `mkdir -p {folder}`"));
    let own = find::<Usage>(error).map(|usage| usage.hint.clone());
    let unknown = || find::<UnknownAdapter>(error).map(UnknownAdapter::hint);
    let host = || find::<UnknownProfile>(error).and_then(UnknownProfile::hint);
    let checking = || find::<DoesNotRun>(error).map(DoesNotRun::hint);
    let left = || find::<ImportsLeft>(error).map(ImportsLeft::hint);
    let choosing = || find::<ChoiceError>(error).and_then(ChoiceError::hint);
    let composing = || find::<msgcompose::Error>(error).and_then(msgcompose::Error::hint);
    let inspecting = || match find::<InspectError>(error)? {
        InspectError::Binary(error) => Some(error.hint()),
        InspectError::Component(error) => error.hint(),
        _ => None,
    };
    own.or_else(unknown)
        .or_else(host)
        .or_else(checking)
        .or_else(left)
        .or_else(choosing)
        .or_else(composing)
        .or_else(inspecting)
        .or_else(writing)
}

fn find<E: std::error::Error + 'static>(error: &Error) -> Option<&E> {
    error.chain().find_map(<dyn std::error::Error + 'static>::downcast_ref)
}
