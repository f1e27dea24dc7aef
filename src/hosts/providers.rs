//! Which adapters of the catalogue provide an import.

use crate::{
    adapters::{
        adapter::Adapter,
        catalogue,
        part::{DIALECT, Role},
    },
    types::{component::Arena, interface::ExternName},
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
