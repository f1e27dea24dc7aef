//! Splits a `use` into single imports.

use proc_macro2::Ident;
use syn::{UsePath, UseTree};

/// One import of a `use`.
pub struct Import {
    /// The path.
    pub path: Vec<String>,
    /// The name that it gets here; `None` for `*`.
    pub name: Option<String>,
}

/// Lists the imports of a `use`.
pub fn flatten(tree: &UseTree) -> Vec<Import> {
    match tree {
        UseTree::Path(UsePath { ident: first, tree, .. }) => {
            let mut imports = flatten(tree);
            // `a::{self}` means `a`.
            for Import { path, name } in &mut imports {
                path.insert(0, text(first));
                if path.len() > 1 && path.last().is_some_and(|last| last == "self") {
                    path.pop();
                    if name.as_deref() == Some("self") {
                        *name = path.last().cloned();
                    }
                }
            }
            imports
        }
        UseTree::Name(name) => vec![Import { path: vec![text(&name.ident)], name: Some(text(&name.ident)) }],
        UseTree::Rename(name) => vec![Import { path: vec![text(&name.ident)], name: Some(text(&name.rename)) }],
        UseTree::Glob(_) => vec![Import { path: Vec::new(), name: None }],
        UseTree::Group(group) => group.items.iter().flat_map(flatten).collect(),
    }
}

/// Returns an identifier as text, without the `r#` of a raw one.
pub fn text(identifier: &Ident) -> String {
    identifier.to_string().trim_start_matches("r#").to_owned()
}
