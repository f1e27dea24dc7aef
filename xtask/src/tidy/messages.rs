//! What errors of the library say, and what they are: in the library's terms, with a remedy, and open to more variants.

use super::files;
use crate::{root, walls::attributes::is_test};
use proc_macro2::{Delimiter, TokenStream, TokenTree};
use std::{collections::BTreeSet, fs, path::PathBuf};
use syn::{Attribute, Item, Visibility};

/// The files of the library, without those of the command line.
fn library() -> Vec<(PathBuf, String)> {
    let source = root().join("src");
    let files = files(&source).into_iter().filter(|path| path.extension().is_some_and(|end| end == "rs"));
    let files = files.filter(|path| !path.starts_with(source.join("cli")) && !path.ends_with("main.rs"));
    let files: Vec<_> = files.map(|path| (path.clone(), fs::read_to_string(path).unwrap())).collect();
    assert!(files.len() > 50, "{}", files.len());
    files
}

/// Flags and commands that may stand in the library: those of other tools, and what a lock says of itself.
const OTHERS: [&str; 4] = [
    "`wasm-tools validate --features all ",
    "`--target wasm32-wasip2`",
    "`--import-dependencies`",
    "Written by `msgcompose build`, to be committed. `msgcompose build --locked` holds everything to it.",
];

/// Adds the string literals of code. Those of tests, of documentation and of what only the command line has are left out.
fn literals(code: TokenStream, found: &mut Vec<String>) {
    let mut tokens = code.into_iter().peekable();
    let mut is_skipped = false;
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Punct(mark) if mark.as_char() == '#' => {
                let attribute = tokens.next_if(|token| matches!(token, TokenTree::Group(_)));
                let Some(TokenTree::Group(attribute)) = attribute else { continue };
                let text = attribute.stream().to_string();
                let is_told = !["doc", "cfg_attr"].iter().any(|start| text.starts_with(start));
                is_skipped |= text.starts_with("cfg") && text.contains("test");
                if is_told {
                    literals(attribute.stream(), found);
                }
            }
            // What is there for tests only ends with its body, or without one.
            TokenTree::Group(group) if is_skipped => is_skipped = group.delimiter() != Delimiter::Brace,
            TokenTree::Punct(mark) if is_skipped => is_skipped = mark.as_char() != ';',
            TokenTree::Group(group) => literals(group.stream(), found),
            TokenTree::Literal(literal) if !is_skipped => found.push(literal.to_string()),
            _ => {}
        }
    }
}

/// Whether a text names a flag, or a command of this tool.
fn is_of_the_command_line(literal: &str) -> bool {
    let text = OTHERS.iter().fold(literal.to_owned(), |text, other| text.replace(other, ""));
    let starts_word = |(_, rest): (usize, &str)| rest.starts_with(|c: char| c.is_ascii_lowercase());
    let after = |mark: &'static str| {
        let text = text.clone();
        text.match_indices(mark).map(|(at, _)| (at, &text[at + mark.len()..])).any(starts_word)
    };
    literal.contains('"') && (after("--") || after("`msgcompose "))
}

#[test]
fn no_text_of_the_library_names_a_flag_or_a_command() {
    let mut read = 0;
    for (path, source) in library() {
        let mut found = Vec::new();
        literals(source.parse().unwrap(), &mut found);
        read += found.len();
        let told = found.iter().find(|literal| is_of_the_command_line(literal));
        assert_eq!(told, None, "`{}`: a remedy has settings and commands as data", path.display());
    }
    assert!(read > 1000, "{read}");
}

#[test]
fn flags_and_commands_are_found_where_they_count() {
    let code = r#"
        /// See `msgcompose adapters --json`.
        #[error("pass `--first`")]
        #[cfg_attr(feature = "cli", arg(long = "--second"))]
        fn f() { format!("run `msgcompose check {x}`; {}", y); "a -- b"; "for Rust: `--target wasm32-wasip2`" }
        #[cfg(test)]
        mod tests { const X: &str = "--third"; }
        const Y: &str = r"--fourth";
    "#;
    let mut found = Vec::new();
    literals(code.parse().unwrap(), &mut found);
    found.retain(|literal| is_of_the_command_line(literal));
    assert_eq!(found, [r#""pass `--first`""#, r#""run `msgcompose check {x}`; {}""#, r#"r"--fourth""#]);
}

/// Adds the public errors of a file by their names, with whether more variants may come, and what implements `Remedied`.
fn errors(items: &[Item], found: &mut Vec<(String, bool)>, remedied: &mut BTreeSet<String>) {
    let is_error = |attributes: &[Attribute]| {
        let derives = attributes.iter().filter(|attribute| attribute.path().is_ident("derive"));
        derives
            .filter_map(|attribute| attribute.meta.require_list().ok())
            .any(|list| list.tokens.to_string().replace(' ', "").contains("thiserror::Error"))
    };
    let is_open =
        |attributes: &[Attribute]| attributes.iter().any(|attribute| attribute.path().is_ident("non_exhaustive"));
    for item in items {
        match item {
            Item::Enum(item) if matches!(item.vis, Visibility::Public(_)) && is_error(&item.attrs) => {
                found.push((item.ident.to_string(), is_open(&item.attrs)));
            }
            // A field that nobody sees keeps a structure open.
            Item::Struct(item) if matches!(item.vis, Visibility::Public(_)) && is_error(&item.attrs) => {
                let is_hidden = item.fields.iter().any(|field| !matches!(field.vis, Visibility::Public(_)));
                found.push((item.ident.to_string(), is_hidden || is_open(&item.attrs)));
            }
            Item::Impl(item) => {
                let of = item.trait_.as_ref().and_then(|(path, _)| path.segments.last());
                if let (true, syn::Type::Path(of)) = (of.is_some_and(|of| of.ident == "Remedied"), &*item.self_ty) {
                    remedied.insert(of.path.segments.last().unwrap().ident.to_string());
                }
            }
            Item::Mod(item) if !is_test(&item.attrs) => {
                errors(item.content.as_ref().map_or(&[][..], |(_, items)| items), found, remedied);
            }
            _ => {}
        }
    }
}

#[test]
fn public_errors_are_open_and_know_a_remedy_unless_they_are_those_of_parsing_a_text() {
    let (mut found, mut remedied) = (Vec::new(), BTreeSet::new());
    for (_, source) in library() {
        errors(&syn::parse_file(&source).unwrap().items, &mut found, &mut remedied);
    }
    assert!(found.len() > 20, "{found:?}");
    for (name, is_open) in found {
        assert!(is_open, "`{name}` is not `#[non_exhaustive]`");
        let is_of_parsing = name.starts_with("Parse") && name.ends_with("Error");
        // It is only ever the source of another one.
        let is_source = name == "SectionError";
        assert!(is_of_parsing || is_source || remedied.contains(&name), "`{name}` does not implement `Remedied`");
    }
}
