//! Loads a composition of paths into one of bytes, and composes it.

use super::{
    arguments::Hiding,
    error::{Context, Error, Result, caught, usage},
    io::{self, Stream},
    verbosity::{Stages, Verbosity},
};
use crate::{
    adapters::{catalogue, settings::ConfigFile},
    common::{
        DynError, ErrorKind,
        remedy::{Remedied, Remedy},
    },
    compose::{
        self, Composed,
        record::{Composition, Guest, Handler, Loaded, Paths},
        reproduction::Reproduction,
    },
    hosts::profile,
    wasm::hash::sha256,
};
use std::path::Path;

/// Returns whether there is anything to compose.
pub fn is_given(paths: &Composition<Paths>) -> bool {
    *paths != Composition::default()
}

/// Reads all files except the guest. Paths are relative to `folder`.
pub fn load<'a>(paths: &Composition<Paths>, guest: Guest<'a>, folder: &Path) -> Result<Composition<Loaded<'a>>> {
    let host = paths.host.as_deref().map(profile::get).transpose()?;
    let config = paths.config.as_ref().map(|path| {
        let path = folder.join(path);
        let name = path.display().to_string();
        let text = std::fs::read_to_string(&path).with_context(|| format!("failed to read `{name}`"))?;
        let config = text.parse::<ConfigFile>().with_context(|| format!("in `{name}`"))?;
        Ok::<_, Error>(config.named(&name))
    });
    let config = config.transpose()?;
    if paths.adapters.is_empty() && host.is_none() && paths.handlers.is_empty() {
        return Err(no_adapter());
    }
    let adapters = paths.adapters.iter().map(|adapter| io::adapter(adapter, folder)).collect::<Result<_>>()?;
    let handlers = paths.handlers.iter().map(|Handler { topics, file }| {
        let file = if file == "-" { Stream::Standard } else { Stream::File(folder.join(file)) };
        Ok(Handler { topics: topics.clone(), file: Guest::new(file.name(), file.read()?) })
    });
    let handlers = handlers.collect::<Result<_>>()?;
    Ok(paths.clone().with_files(guest, handlers, adapters, host, config))
}

/// Loads the files and composes. `guest` holds the guest's bytes, and `name` is its name in messages.
pub fn compose<'a>(
    paths: &Composition<Paths>,
    name: &str,
    guest: &'a [u8],
    verbosity: Verbosity,
) -> Result<Composed<'a>> {
    verbosity.stages(|stages| {
        stages.enter("read the adapters and options");
        compose_loaded(load(paths, Guest::new(name, guest), Path::new(""))?, stages)
    })
}

/// Composes a loaded composition.
pub fn compose_loaded<'a>(mut composition: Composition<Loaded<'a>>, stages: &mut Stages) -> Result<Composed<'a>> {
    let verb = if composition.handlers.is_empty() { "compose" } else { "link" };
    // A reproduction has nothing of the handlers, which may be large.
    let handlers = std::mem::take(&mut composition.handlers);
    let given = composition.clone();
    composition.handlers = handlers;
    let guest = &given.guest;
    let composed = caught(|| match composition.compose_observed(&mut |stage| stages.enter(stage)) {
        // It names the guest itself.
        Err(error @ compose::error::Error::Host(_)) => Err(error.into()),
        composed => composed.with_context(|| format!("failed to {verb} `{}`", guest.name)),
    });
    composed.map_err(|error| with_reproduction(error, &given))
}

/// Writes a reproduction file if the error is a bug of msgcompose. Values that may be secret are left out of it.
fn with_reproduction(error: Error, given: &Composition<Loaded<'_>>) -> Error {
    if error.kind() != ErrorKind::Internal {
        return error;
    }
    let hiding = Hiding::of(given);
    let command = hiding.arguments(std::env::args().skip(1));
    let errors = error.messages().map(|message| hiding.message(&message)).collect();
    let component = Reproduction::new(command, errors).component(&given.guest.bytes);
    let path = format!("msgcompose-reproduction-{}.wasm", &sha256(&component)[..8]);
    match std::fs::write(&path, component) {
        Ok(()) => Bug { reproduction: path, source: error.into_source() }.into(),
        Err(_) => error,
    }
}

/// A bug of msgcompose that made composing fail.
#[derive(Debug, thiserror::Error)]
#[error("msgcompose has a bug")]
struct Bug {
    /// The path of the reproduction.
    reproduction: String,
    /// What went wrong.
    source: DynError,
}

impl Remedied for Bug {
    fn kind(&self) -> ErrorKind {
        ErrorKind::Internal
    }

    fn remedy(&self) -> Option<Remedy> {
        let file = &self.reproduction;
        Some(
            format!("please report it with `{file}`: the command, and the guest's types without its code and data")
                .into(),
        )
    }
}

fn no_adapter() -> Error {
    let names: Vec<_> = catalogue::names().map(|name| format!("`--adapter {name}`")).collect();
    let hint = format!("pass {}, or a path to your own, or `--host` to have it found", names.join(" or "));
    usage("no adapter is given", hint)
}
