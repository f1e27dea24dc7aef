//! What adapters provide and take, and which of the catalogue go between another package and messaging.

use crate::{
    adapters::{
        adapter::Adapter,
        catalogue,
        part::{DIALECT, Role},
    },
    types::{
        component::{Arena, Component},
        dialect::{Dialect, Messaging},
        interface::ExternName,
    },
    wasm::binary::Binary,
};

/// Returns the adapters of the catalogue that provide an import. If the import has async functions, an adapter must
/// have builds for different dialects.
pub(crate) fn providers(import: &ExternName, has_async: bool) -> Vec<String> {
    let adapters = catalogue::names().filter_map(|name| catalogue::get(name).ok());
    let adapters = adapters.filter(|adapter| provides(adapter, import) && (!has_async || has_dialects(adapter)));
    adapters.map(|adapter| adapter.name).collect()
}

/// Returns whether an adapter has different builds for different dialects.
fn has_dialects(adapter: &Adapter) -> bool {
    adapter.parts.iter().any(|part| part.file.options().any(|option| option == DIALECT))
}

/// Returns the parts with this role, or all, in the builds of the default options. Only names are read.
fn parts(adapter: &Adapter, role: Option<Role>) -> impl Iterator<Item = Component> {
    let parts = adapter.parts.iter().filter(move |part| role.is_none() || part.role == role);
    parts
        .filter_map(|part| adapter.default_file(part))
        .filter_map(|bytes| Arena::new().add(&adapter.name, Binary::own(&**bytes)).ok())
}

/// Returns whether a provider of the adapter exports the import. A part that imports what it exports only passes it on,
/// so it provides nothing.
pub(crate) fn provides(adapter: &Adapter, import: &ExternName) -> bool {
    parts(adapter, Some(Role::Provider)).any(|part| {
        let export = part.export_for(import);
        export.is_some_and(|export| !part.imports.iter().any(|import| export.name.serves(&import.name)))
    })
}

/// Returns whether an interceptor of the adapter takes an export, and does not only pass it on.
pub(crate) fn takes(adapter: &Adapter, export: &ExternName) -> bool {
    parts(adapter, Some(Role::Interceptor)).any(|part| {
        part.imports.iter().any(|import| export.serves(&import.name))
            && !part.exports.iter().any(|own| own.name.serves(export))
    })
}

/// Returns the adapters of the catalogue that bring another messaging package to today's: those with a part that
/// imports or exports an interface of the same package and version. No adapter takes a shape that differs.
pub(crate) fn bridges(spoken: &Messaging) -> Vec<String> {
    let package = &spoken.interface;
    if Dialect::is_of(package) || spoken.shape.differs.is_some() {
        return Vec::new();
    }
    let is_of = |part: Component| {
        let mut names = part.imports.iter().chain(&part.exports).filter_map(|item| item.name.interface());
        names.any(|id| id.is_beside(package))
    };
    let adapters = catalogue::names().filter_map(|name| catalogue::get(name).ok());
    adapters.filter(|adapter| parts(adapter, None).any(is_of)).map(|adapter| adapter.name).collect()
}
