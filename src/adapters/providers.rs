//! Which adapters of the catalogue provide an import, and which go between a package and messaging.

use crate::{
    adapters::{
        adapter::Adapter,
        catalogue,
        part::{DIALECT, Role},
    },
    types::{
        component::{Arena, Component},
        dialect::Dialect,
        interface::{ExternName, InterfaceId},
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

/// Returns whether a provider of the adapter exports the import, in the build of the default options. A part that
/// imports what it exports only passes it on, so it provides nothing.
pub(crate) fn provides(adapter: &Adapter, import: &ExternName) -> bool {
    let providers = adapter.parts.iter().filter(|part| part.role == Some(Role::Provider));
    providers.filter_map(|part| adapter.default_file(part)).any(|bytes| {
        let component = Arena::new().add(&adapter.name, Binary::own(&**bytes));
        component.is_ok_and(|component| {
            let export = component.export_for(import);
            export.is_some_and(|export| !component.imports.iter().any(|import| export.name.serves(&import.name)))
        })
    })
}

/// Returns the adapters of the catalogue that bring another messaging package to today's: those with a part that
/// imports or exports an interface of the same package and version.
pub(crate) fn bridges(package: &InterfaceId) -> Vec<String> {
    if Dialect::is_of(package) {
        return Vec::new();
    }
    let is_of = |component: &Component| {
        let names = component.imports.iter().chain(&component.exports).filter_map(|item| item.name.interface());
        names.into_iter().any(|id| id.is_same_package(package) && id.version() == package.version())
    };
    let adapters = catalogue::names().filter_map(|name| catalogue::get(name).ok());
    let adapters = adapters.filter(|adapter| {
        adapter.parts.iter().filter_map(|part| adapter.default_file(part)).any(|bytes| {
            Arena::new().add(&adapter.name, Binary::own(&**bytes)).is_ok_and(|component| is_of(&component))
        })
    });
    adapters.map(|adapter| adapter.name).collect()
}
