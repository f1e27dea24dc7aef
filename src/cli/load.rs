//! From what flags or a project file name to what composing takes, and to the composed component.

use super::{
    error::{self, Usage},
    io::{self, Stream},
    verbosity::{Stages, Verbosity},
};
use crate::{
    adapters::catalogue,
    common::ErrorKind,
    compose::{
        Composed,
        error::Error,
        record::{Composition, Guest, Handler, Loaded, Paths},
        reproduction::Reproduction,
    },
    hosts::profile,
    wasm::hash::sha256,
};
use anyhow::{Context, Result};
use std::path::Path;

/// Whether anything is to be composed.
pub fn is_given(paths: &Composition<Paths>) -> bool {
    *paths != Composition::default()
}

/// Reads all files but the guest. Their paths are relative to `folder`.
pub fn load<'a>(paths: &Composition<Paths>, guest: Guest<'a>, folder: &Path) -> Result<Composition<Loaded<'a>>> {
    let host = paths.host.as_deref().map(profile::get).transpose()?;
    let config = paths.config.as_ref().map(|path| {
        let path = folder.join(path);
        let text = std::fs::read_to_string(&path).with_context(|| format!("failed to read `{}`", path.display()))?;
        let file = text.parse().map_err(Error::from);
        file.with_context(|| format!("in `{}`", path.display()))
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

/// Loads and composes. `guest` is read already; `name` is what messages call it.
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

/// Composes what was loaded.
pub fn compose_loaded<'a>(composition: Composition<Loaded<'a>>, stages: &mut Stages) -> Result<Composed<'a>> {
    let guest = composition.guest.clone();
    let secrets: Vec<String> = match composition.bake_secrets {
        true => composition.options.iter().map(|option| option.value.clone()).collect(),
        false => Vec::new(),
    };
    let verb = if composition.handlers.is_empty() { "compose" } else { "link" };
    let composed = error::caught(|| {
        composition.compose_observed(&mut |stage| stages.enter(stage)).map_err(|error| match error {
            // It names the guest itself.
            Error::Host(_) => error.into(),
            error => anyhow::Error::from(error).context(format!("failed to {verb} `{}`", guest.name)),
        })
    });
    composed.map_err(|error| with_reproduction(error, &guest, &secrets))
}

/// An error that is a bug of this tool comes with a file that reproduces it. Values that are secret are not in it.
fn with_reproduction(error: anyhow::Error, guest: &Guest<'_>, secrets: &[String]) -> anyhow::Error {
    if error::kind(&error) != ErrorKind::Internal {
        return error;
    }
    let is_shown = |argument: &String| !secrets.iter().any(|secret| argument.contains(secret));
    let command = std::env::args().skip(1).map(|argument| if is_shown(&argument) { argument } else { "…".to_owned() });
    let errors = error.chain().map(ToString::to_string).collect();
    let component = Reproduction::new(command.collect(), errors).component(&guest.bytes);
    let path = format!("msgcompose-reproduction-{}.wasm", &sha256(&component)[..8]);
    match std::fs::write(&path, component) {
        Ok(()) => error.context(Bug { reproduction: path }),
        Err(_) => error,
    }
}

/// A bug of this tool, with which it could not compose.
#[derive(Debug, thiserror::Error)]
#[error("msgcompose has a bug")]
pub struct Bug {
    /// The file that shows it again.
    reproduction: String,
}

impl Bug {
    /// The way out.
    pub fn hint(&self) -> String {
        let file = &self.reproduction;
        format!("please report it with `{file}`: the command, and the guest's types without its code and data")
    }
}

fn no_adapter() -> anyhow::Error {
    let names: Vec<_> = catalogue::names().map(|name| format!("`--adapter {name}`")).collect();
    let message = "no adapter is given".to_owned();
    let hint = format!("pass {}, or a path to your own, or `--host` to have it found", names.join(" or "));
    Usage { message, hint }.into()
}
