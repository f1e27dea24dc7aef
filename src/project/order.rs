//! In which order compositions are made: a guest may be another one's output.

use super::{Entry, ProjectError};
use crate::adapters::catalogue;
use indexmap::IndexMap;
use std::{
    collections::BTreeMap,
    path::{Component, Path, PathBuf},
};

/// The compositions, each behind those that it is made of, otherwise by their names.
pub(super) fn order(mut compositions: BTreeMap<String, Entry>) -> Result<IndexMap<String, Entry>, ProjectError> {
    let mut outputs: BTreeMap<PathBuf, &str> = BTreeMap::new();
    for (name, composition) in &compositions {
        if let Some(first) = outputs.insert(normal(&composition.output), name) {
            let (first, second) = (first.to_owned(), name.clone());
            return Err(ProjectError::SameOutput { first, second, output: composition.output.clone() });
        }
    }
    for (reader, composition) in &compositions {
        no_overwriting(&outputs, reader, composition)?;
    }
    let mut order: Vec<&str> = Vec::new();
    for start in compositions.keys() {
        let mut chain: Vec<&str> = Vec::new();
        let mut at = Some(start.as_str());
        while let Some(name) = at.filter(|name| !order.contains(name)) {
            let seen = chain.iter().position(|earlier| *earlier == name);
            chain.push(name);
            if let Some(seen) = seen {
                return Err(ProjectError::Cycle { path: chain[seen..].iter().map(ToString::to_string).collect() });
            }
            at = outputs.get(&normal(&compositions[name].composition.guest)).copied();
        }
        order.extend(chain.iter().rev());
    }
    let order: Vec<String> = order.into_iter().map(str::to_owned).collect();
    let take = |name: String| compositions.remove_entry(&name).expect("each is there once");
    Ok(order.into_iter().map(take).collect())
}

/// Fails if an output lies in something else that a composition reads: only guests are waited for.
fn no_overwriting(outputs: &BTreeMap<PathBuf, &str>, reader: &str, entry: &Entry) -> Result<(), ProjectError> {
    let composition = &entry.composition;
    let adapters = composition.adapters.iter().filter(|adapter| catalogue::is_path(adapter));
    let handlers = composition.handlers.iter().map(|handler| ("a handler", &handler.file));
    let inputs = adapters.map(|adapter| ("an adapter", adapter)).chain(handlers);
    for (what, input) in inputs.chain(composition.config.iter().map(|config| ("configuration", config))) {
        let inside = outputs.iter().find(|(output, _)| output.starts_with(normal(input)));
        if let Some((output, writer)) = inside {
            return Err(ProjectError::Overwrites {
                composition: (*writer).to_owned(),
                output: output.display().to_string(),
                reader: reader.to_owned(),
                what,
                input: input.clone(),
            });
        }
    }
    Ok(())
}

/// A path in the one way to write it that goes no detours.
pub(super) fn normal(path: &str) -> PathBuf {
    let mut normal = PathBuf::new();
    for component in Path::new(path).components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir if matches!(normal.components().next_back(), Some(Component::Normal(_))) => {
                normal.pop();
            }
            other => normal.push(other),
        }
    }
    normal
}
