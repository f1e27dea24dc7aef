//! The names of a `use`, one by one.

use proc_macro2::Ident;
use syn::{UsePath, UseTree};

/// One name of a `use`; none for `*`.
pub struct Import {
    /// Its path.
    pub path: Vec<String>,
    /// What it is called here.
    pub name: Option<String>,
}

/// Lists what a `use` imports.
pub fn flatten(tree: &UseTree) -> Vec<Import> {
    match tree {
        UseTree::Path(UsePath { ident: first, tree, .. }) => {
            let mut imports = flatten(tree);
            // `a::{self}` is `a`.
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

/// A name, without the mark of a raw one.
pub fn text(identifier: &Ident) -> String {
    identifier.to_string().trim_start_matches("r#").to_owned()
}
