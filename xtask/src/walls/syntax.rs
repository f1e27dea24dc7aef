//! What one module says: the names it defines, those it imports, and every path it writes down.
//!
//! Takes the items of a module as `syn` parses them. Leaves out whatever is under `#[cfg(test)]`.

use super::{
    attributes::{attributes, is_test},
    imports::{flatten, text},
    paths::{self, Path},
};
use std::collections::{BTreeMap, BTreeSet};
use syn::{ForeignItem, Item, ItemMod};

/// One module, without its child modules.
#[derive(Default)]
pub struct Contents<'a> {
    /// The names of its items.
    pub items: BTreeSet<String>,
    /// What it imports: the name, and the paths it stands for.
    pub imports: BTreeMap<String, Vec<Vec<String>>>,
    /// Modules and enums whose names it imports by `*`.
    pub globs: Vec<Vec<String>>,
    /// Its `macro_rules!`, and whether `#[macro_export]` puts them at the root of the crate.
    pub macros: BTreeMap<String, bool>,
    /// Every path in it.
    pub paths: Vec<Path>,
    /// Its child modules.
    pub children: Vec<&'a ItemMod>,
    /// What else there is beside `mod` and `pub use`, in words.
    pub beyond_a_face: Vec<String>,
}

/// Reads the items of a module.
pub fn read(items: &[Item]) -> Contents<'_> {
    let mut contents = Contents::default();
    for item in items.iter().filter(|item| !is_test(attributes(item))) {
        let name = match item {
            Item::Const(item) => Some(&item.ident),
            Item::Enum(item) => Some(&item.ident),
            Item::Fn(item) => Some(&item.sig.ident),
            Item::Static(item) => Some(&item.ident),
            Item::Struct(item) => Some(&item.ident),
            Item::Trait(item) => Some(&item.ident),
            Item::TraitAlias(item) => Some(&item.ident),
            Item::Type(item) => Some(&item.ident),
            Item::Union(item) => Some(&item.ident),
            Item::Macro(item) => item.ident.as_ref(),
            _ => None,
        };
        contents.items.extend(name.map(text));
        match item {
            Item::Mod(module) => contents.children.push(module),
            Item::ForeignMod(foreign) => contents.items.extend(foreign.items.iter().filter_map(|item| match item {
                ForeignItem::Fn(item) => Some(text(&item.sig.ident)),
                ForeignItem::Static(item) => Some(text(&item.ident)),
                _ => None,
            })),
            Item::Macro(item) => {
                let exported = item.attrs.iter().any(|attribute| attribute.path().is_ident("macro_export"));
                contents.macros.extend(item.ident.as_ref().map(|name| (text(name), exported)));
            }
            Item::Use(item) if item.leading_colon.is_none() => {
                for import in flatten(&item.tree) {
                    match import.name {
                        Some(name) => contents.imports.entry(name).or_default().push(import.path),
                        None => contents.globs.push(import.path),
                    }
                }
            }
            _ => {}
        }
        match item {
            Item::Mod(module) if module.content.is_none() => {}
            Item::Use(item) if matches!(item.vis, syn::Visibility::Public(_)) => {}
            Item::Mod(module) => contents.beyond_a_face.push(format!("an inline `mod {}`", module.ident)),
            Item::Use(_) => contents.beyond_a_face.push("a private `use`".into()),
            _ => contents.beyond_a_face.push(name.map_or("an item without a name".into(), |name| format!("`{name}`"))),
        }
    }
    contents.paths = paths::collect(items);
    contents
}
