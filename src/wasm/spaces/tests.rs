//! Holds the example of the module documentation to the code, and damaged components to an error.

use super::{Definition, Domain, How, Missing, Named, Scope, interpret, read};
use crate::wasm::skeleton::SectionError;
use proptest::{prelude::*, sample::Index};
use wasm_encoder::{Component, NestedComponentSection};
use wasmparser::ComponentExternalKind as Kind;

/// Returns a block of the module documentation.
fn block(language: &str) -> String {
    let mut lines = include_str!("../spaces.rs").lines().map(|line| line.trim_start_matches("//!"));
    lines.by_ref().find(|line| line.trim() == format!("```{language}")).expect("a block of this language");
    lines.take_while(|line| line.trim() != "```").map(|line| line.to_owned() + "\n").collect()
}

fn example() -> Vec<u8> {
    wat::parse_str(block("wat")).expect("the example is WebAssembly text")
}

/// Lists what the lines of a component make, each nested component behind the line that makes it.
fn made(scopes: &[Scope<'_>], place: usize, list: &mut Vec<String>) {
    for Definition { item, how } in &scopes[place].definitions {
        list.push(match (item, how) {
            (Some((kind, index)), _) => format!("{} {index}", kind.desc()),
            (None, How::CanonLower(function)) => format!("lowers func {function}"),
            (None, _) => "core instance".to_owned(),
        });
        if let How::Component(nested) = how {
            made(scopes, *nested, list);
        }
    }
}

#[test]
fn the_comments_of_the_example_are_what_is_read() {
    let example = example();
    let scopes = read(&example).unwrap();
    let mut list = Vec::new();
    made(&scopes, scopes.len() - 1, &mut list);
    let text = block("wat");
    let comments: Vec<_> = text.lines().filter_map(|line| Some(line.split_once(";; ")?.1)).collect();
    assert_eq!(list, comments);
    let names: Vec<_> = scopes.iter().map(|scope| scope.name).collect();
    assert_eq!(names, [Some("clerk"), Some("shop")]);
    assert_eq!(scopes[0].outer, Some(1));
    let [clerk, anna, desk] = [(Kind::Component, 0), (Kind::Instance, 0), (Kind::Instance, 1)];
    assert_eq!(scopes[1].names, [(clerk, "clerk"), (anna, "anna"), (desk, "desk")]);
}

/// Values are text.
struct Text<'s, 'a>(&'s [Scope<'a>]);

impl<'a> Domain<'a> for Text<'_, 'a> {
    type Value = String;
    type Error = Missing;

    fn own(&mut self, component: Option<usize>) -> String {
        component.and_then(|place| self.0[place].name).unwrap_or("own").to_owned()
    }

    fn import(&mut self, _kind: Kind, name: &'a str) -> String {
        format!("host.{name}")
    }

    fn alias(&mut self, _kind: Kind, instance: &String, name: &'a str) -> String {
        format!("{instance}.{name}")
    }

    fn instantiate(&mut self, _: usize, component: &String, with: Named<'a, String>) -> Result<String, Missing> {
        Ok(format!("{component}({})", listed(&with)))
    }

    fn bag(&mut self, items: Named<'a, String>) -> String {
        format!("{{{}}}", listed(&items))
    }

    fn canon_lift(&mut self, _place: usize) -> String {
        "lifted".to_owned()
    }
}

fn listed(items: &Named<'_, String>) -> String {
    items.iter().map(|(name, item)| format!("{name} = {item}")).collect::<Vec<_>>().join(", ")
}

#[test]
fn the_values_of_the_example_are_what_is_interpreted() {
    let example = example();
    let scopes = read(&example).unwrap();
    let shop = scopes.last().unwrap();
    let values = interpret(shop, &mut Text(&scopes)).unwrap();
    let lines = shop.definitions.iter().zip(values).filter_map(|(definition, value)| {
        let (kind, index) = definition.item?;
        let name = format!("{} {index}", kind.desc());
        Some(format!(" {name:<12} {}\n", value?))
    });
    assert_eq!(lines.collect::<String>(), block("text"));
}

#[test]
fn components_have_a_place_only_where_the_binary_has_them() {
    let wat = r#"(component
        (import "a" (component))
        (component $b (component) (alias outer 1 0 (component)))
        (import "i" (instance $i (export "c" (component))))
        (alias export $i "c" (component))
        (export "d" (component $b))
    )"#;
    let component = wat::parse_str(wat).unwrap();
    let scopes = read(&component).unwrap();
    let components: Vec<_> = scopes.iter().map(|scope| &scope.components[..]).collect();
    assert_eq!(components, [&[][..], &[Some(0), None], &[None, Some(1), None, Some(1)]]);
}

#[test]
fn an_item_that_is_not_there_is_missing() {
    let component = wat::parse_str(r#"(component (instance (export "f" (func 0))))"#).unwrap();
    let scopes = read(&component).unwrap();
    assert!(interpret(&scopes[0], &mut Text(&scopes)).is_err());
}

#[test]
fn components_are_not_read_deeper_than_any_real_one() {
    let around = |inner: Component, _| {
        let mut outer = Component::new();
        outer.section(&NestedComponentSection(&inner));
        outer
    };
    let nested = |depth: usize| (0..depth).fold(Component::new(), around).finish();
    assert!(read(&nested(100)).is_ok());
    let error = read(&nested(101)).map(|scopes| scopes.len()).unwrap_err();
    assert!(matches!(error, SectionError::TooDeep), "{error:?}");
}

proptest! {
    #[test]
    fn a_damaged_component_is_read_or_refused(at: Index, byte: u8, cut in proptest::option::of(any::<Index>())) {
        let mut example = example();
        let place = at.index(example.len());
        example[place] = byte;
        example.truncate(cut.map_or(example.len(), |cut| cut.index(example.len())));
        if let Ok(scopes) = read(&example) {
            for scope in &scopes {
                drop(interpret(scope, &mut Text(&scopes)));
            }
        }
    }
}
