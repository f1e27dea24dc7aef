//! What the custom sections of a component say of names. What cannot be read is no name.

use crate::wasm::sections::{id, sections};
use wasmparser::{BinaryReader, ComponentName, ComponentNameSectionReader, CustomSectionReader, KnownCustom};

/// What a component is called by itself.
pub(crate) fn own_name(component: &[u8]) -> Option<String> {
    let custom = sections(component, 0).ok()?.into_iter().filter(|section| section.id == id::CUSTOM);
    let mut names = custom.flat_map(|section| names(BinaryReader::new(section.data, 0)));
    names.find_map(|name| match name {
        ComponentName::Component { name, .. } => Some(name.to_owned()),
        _ => None,
    })
}

/// The names in a custom section, if it is for them.
pub(crate) fn names(reader: BinaryReader<'_>) -> Vec<ComponentName<'_>> {
    let custom = CustomSectionReader::new(reader);
    match custom.as_ref().map(CustomSectionReader::as_known) {
        Ok(KnownCustom::ComponentName(names)) => read_all(names),
        _ => Vec::new(),
    }
}

fn read_all(names: ComponentNameSectionReader<'_>) -> Vec<ComponentName<'_>> {
    names.into_iter().map_while(Result::ok).collect()
}
