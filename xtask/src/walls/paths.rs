//! The paths that a module writes down: in imports, types, expressions, patterns, and in the tokens of macros and
//! attributes. Paths in string literals and in documentation do not count.

use super::{
    attributes::{attributes, is_test},
    imports::{Import, flatten, text},
};
use proc_macro2::{Delimiter, TokenStream, TokenTree};
use std::collections::BTreeMap;
use syn::{
    Attribute, ImplItem, Item, Meta, Stmt, TraitItem,
    visit::{self, Visit},
};

/// A path as it is written.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Path {
    /// `crate::a::B` is `["crate", "a", "B"]`.
    pub segments: Vec<String>,
    /// What follows it.
    pub kind: Kind,
}

/// What follows a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Nothing that matters.
    Plain,
    /// `!`: it names a macro.
    Macro,
    /// `::*`: it is imported as a whole.
    Glob,
}

/// Lists the paths of a module, without those of its child modules.
pub fn collect(items: &[Item]) -> Vec<Path> {
    let mut paths = Paths::default();
    for item in items {
        paths.visit_item(item);
    }
    paths.found
}

/// Collects the paths of a module.
#[derive(Default)]
struct Paths {
    found: Vec<Path>,
    /// What blocks import, innermost last.
    blocks: Vec<BTreeMap<String, Vec<String>>>,
}

impl Paths {
    fn add(&mut self, mut segments: Vec<String>, kind: Kind) {
        for block in self.blocks.iter().rev() {
            if let Some(path) = segments.first().and_then(|first| block.get(first)) {
                segments.splice(..1, path.iter().cloned());
                break;
            }
        }
        let stays = segments.len() == 1 && kind == Kind::Plain && !matches!(segments[0].as_str(), "crate" | "super");
        if !segments.is_empty() && !stays {
            self.found.push(Path { segments, kind });
        }
    }

    /// Looks for paths in tokens; `before` is what stands in front of a group of imports.
    fn scan(&mut self, tokens: TokenStream, before: &[String]) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let punctuation = |index: usize, mark: char| matches!(tokens.get(index), Some(TokenTree::Punct(found)) if found.as_char() == mark);
        let colons = |index: usize| punctuation(index, ':') && punctuation(index + 1, ':');
        let mut index = 0;
        while let Some(token) = tokens.get(index) {
            index += 1;
            match token {
                TokenTree::Group(group) => self.scan(group.stream(), &[]),
                // `a::{B as C}` names `a::B` only.
                TokenTree::Ident(first) if !before.is_empty() && first == "as" => index += 1,
                TokenTree::Ident(first) => {
                    let goes_on = index >= 3 && colons(index - 3);
                    let mut segments = before.to_vec();
                    segments.push(text(first));
                    while colons(index) {
                        match tokens.get(index + 2) {
                            Some(TokenTree::Ident(next)) => segments.push(text(next)),
                            Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
                                self.scan(group.stream(), &segments);
                                segments.clear();
                            }
                            _ => break,
                        }
                        index += 3;
                    }
                    if !goes_on {
                        let names_macro = punctuation(index, '!') && !punctuation(index + 1, '=');
                        self.add(segments, if names_macro { Kind::Macro } else { Kind::Plain });
                    }
                }
                _ => {}
            }
        }
    }
}

impl<'a> Visit<'a> for Paths {
    fn visit_item(&mut self, item: &'a Item) {
        // Child modules are read by themselves, unless they are in a block.
        let is_child = matches!(item, Item::Mod(_)) && self.blocks.is_empty();
        if !is_test(attributes(item)) && !is_child {
            visit::visit_item(self, item);
        }
    }

    fn visit_impl_item(&mut self, item: &'a ImplItem) {
        let attributes: &[Attribute] = match item {
            ImplItem::Const(item) => &item.attrs,
            ImplItem::Fn(item) => &item.attrs,
            ImplItem::Macro(item) => &item.attrs,
            ImplItem::Type(item) => &item.attrs,
            _ => &[],
        };
        if !is_test(attributes) {
            visit::visit_impl_item(self, item);
        }
    }

    fn visit_trait_item(&mut self, item: &'a TraitItem) {
        let attributes: &[Attribute] = match item {
            TraitItem::Const(item) => &item.attrs,
            TraitItem::Fn(item) => &item.attrs,
            TraitItem::Macro(item) => &item.attrs,
            TraitItem::Type(item) => &item.attrs,
            _ => &[],
        };
        if !is_test(attributes) {
            visit::visit_trait_item(self, item);
        }
    }

    fn visit_field(&mut self, field: &'a syn::Field) {
        if !is_test(&field.attrs) {
            visit::visit_field(self, field);
        }
    }

    fn visit_variant(&mut self, variant: &'a syn::Variant) {
        if !is_test(&variant.attrs) {
            visit::visit_variant(self, variant);
        }
    }

    fn visit_local(&mut self, local: &'a syn::Local) {
        if !is_test(&local.attrs) {
            visit::visit_local(self, local);
        }
    }

    fn visit_block(&mut self, block: &'a syn::Block) {
        let mut names = BTreeMap::new();
        for statement in &block.stmts {
            if let Stmt::Item(Item::Use(item)) = statement {
                names.extend(flatten(&item.tree).into_iter().filter_map(|import| Some((import.name?, import.path))));
            }
        }
        // The imports themselves are read by the names outside.
        for statement in block.stmts.iter().filter(|statement| is_import(statement)) {
            self.visit_stmt(statement);
        }
        self.blocks.push(names);
        for statement in block.stmts.iter().filter(|statement| !is_import(statement)) {
            self.visit_stmt(statement);
        }
        self.blocks.pop();
    }

    fn visit_item_use(&mut self, item: &'a syn::ItemUse) {
        if item.leading_colon.is_none() {
            for Import { path, name } in flatten(&item.tree) {
                self.add(path, if name.is_none() { Kind::Glob } else { Kind::Plain });
            }
        }
    }

    fn visit_path(&mut self, path: &'a syn::Path) {
        if path.leading_colon.is_none() {
            self.add(path.segments.iter().map(|segment| text(&segment.ident)).collect(), Kind::Plain);
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, invocation: &'a syn::Macro) {
        if invocation.path.leading_colon.is_none() {
            self.add(invocation.path.segments.iter().map(|segment| text(&segment.ident)).collect(), Kind::Macro);
        }
        self.scan(invocation.tokens.clone(), &[]);
    }

    fn visit_attribute(&mut self, attribute: &'a Attribute) {
        visit::visit_attribute(self, attribute);
        if let Meta::List(list) = &attribute.meta {
            self.scan(list.tokens.clone(), &[]);
        }
    }

    /// Says who may see something, which makes nobody depend on them.
    fn visit_vis_restricted(&mut self, _: &'a syn::VisRestricted) {}
}

fn is_import(statement: &Stmt) -> bool {
    matches!(statement, Stmt::Item(Item::Use(_)))
}
