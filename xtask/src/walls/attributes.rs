//! Whether something is there in tests only.

use syn::{Attribute, Item, Meta, punctuated::Punctuated};

/// Whether something is there in tests only.
pub fn is_test(attributes: &[Attribute]) -> bool {
    attributes
        .iter()
        .any(|attribute| attribute.path().is_ident("cfg") && attribute.parse_args().is_ok_and(|meta| needs_test(&meta)))
}

fn needs_test(predicate: &Meta) -> bool {
    let all = |list: &syn::MetaList| {
        let inner = list.parse_args_with(Punctuated::<Meta, syn::Token![,]>::parse_terminated);
        inner.into_iter().flatten().map(|meta| needs_test(&meta)).collect::<Vec<_>>()
    };
    match predicate {
        Meta::Path(path) => path.is_ident("test"),
        Meta::List(list) if list.path.is_ident("all") => all(list).contains(&true),
        Meta::List(list) if list.path.is_ident("any") => !all(list).contains(&false),
        _ => false,
    }
}

/// The attributes of an item.
pub fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::ExternCrate(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::ForeignMod(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::TraitAlias(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Union(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}
