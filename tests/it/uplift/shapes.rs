//! Components by hand, in which types are shared and passed on in all ways that there are.

use super::{all_functions, check_within, modules};
use msgcompose::{
    dialect::Form,
    internals::component::ComponentError,
    uplift::{LiftedFunction, UpliftError, uplift},
};
use wasmparser::{Validator, WasmFeatures};

const REQUEST: &str = "wasi:messaging/request-reply@0.2.0-draft";
const HANDLE: &str = "wasi:messaging/incoming-handler@0.2.0-draft";

pub fn component(wat: &str) -> Vec<u8> {
    let component = wat::parse_str(wat.replace("REQUEST", REQUEST).replace("HANDLE", HANDLE)).unwrap();
    Validator::new_with_features(WasmFeatures::all()).validate_all(&component).unwrap();
    component
}

/// Lifts, and looks at every component in it. Gives all functions that are async, and what is told.
fn lifted(wat: &str, form: Form) -> (Vec<String>, Vec<(String, usize)>) {
    let component = component(wat);
    let lifted = uplift("guest", &component, form).unwrap_or_else(|error| panic!("{error:?}"));
    Validator::new_with_features(WasmFeatures::all()).validate_all(&lifted.bytes).unwrap();
    check_within(&component, &lifted.bytes, form);
    assert!(modules(&component) == modules(&lifted.bytes));
    let again = uplift("guest", &*lifted.bytes, form).unwrap();
    assert!(again.bytes == lifted.bytes, "lifting twice is as lifting once");
    let is_async = all_functions(&lifted.bytes).into_iter().filter(|(_, is_async)| *is_async);
    let told = |LiftedFunction { function, types, .. }: LiftedFunction| (function, types);
    (is_async.map(|(function, _)| function).collect(), lifted.functions.into_iter().map(told).collect())
}

fn told(functions: &[(&str, usize)]) -> Vec<(String, usize)> {
    functions.iter().map(|(function, types)| (function.to_string(), *types)).collect()
}

#[test]
fn a_type_that_functions_of_an_interface_share_is_split() {
    let wat = r#"(component
        (import "REQUEST" (instance
            (type (func (result u32)))
            (type (list u8))
            (export "reply" (func (type 0)))
            (export "request" (func (type 0)))
            (export "other" (func (type 0)))
            (export "bytes" (type (eq 1)))
            (type (func (param "b" 2)))
            (export "forward" (func (type 3)))
        ))
    )"#;
    assert_eq!(lifted(wat, Form::Mixed), (vec![format!("0: import {REQUEST}#request")], told(&[("request", 1)])),);
    let both = vec![format!("0: import {REQUEST}#reply"), format!("0: import {REQUEST}#request")];
    assert_eq!(lifted(wat, Form::Async), (both, told(&[("reply", 1), ("request", 1)])));
}

#[test]
fn a_type_that_two_interfaces_share_is_split() {
    let wat = r#"(component
        (type (instance (type (func (result u32))) (export "request" (func (type 0))) (export "reply" (func (type 0)))))
        (type (list u8))
        (import "t:a/b@1.0.0" (instance (type 0)))
        (import "REQUEST" (instance (type 0)))
        (import "bytes" (type (eq 1)))
        (import "f" (func (param "b" 2)))
        (export "t:a/c@1.0.0" (instance 0))
    )"#;
    assert_eq!(lifted(wat, Form::Mixed), (vec![format!("0: import {REQUEST}#request")], told(&[("request", 1)])),);
}

#[test]
fn a_type_that_is_taken_from_around_is_split_there() {
    let wat = r#"(component
        (type $f (func (result u32)))
        (type $list (list u8))
        (import "REQUEST" (instance
            (alias outer 1 $f (type))
            (export "request" (func (type 0)))
            (export "reply" (func (type 0)))
        ))
        (import "t:a/b@1.0.0" (instance (alias outer 1 $f (type)) (export "request" (func (type 0)))))
        (component
            (alias outer 1 $f (type))
            (alias outer 1 $list (type))
            (import "REQUEST" (instance (alias outer 1 0 (type)) (export "request" (func (type 0)))))
            (import "t:a/b@1.0.0" (instance (alias outer 2 $f (type)) (export "request" (func (type 0)))))
            (import "bytes" (type (eq 1)))
            (import "plain" (func (type 0)))
        )
    )"#;
    let expected = vec![format!("0: import {REQUEST}#request"), format!("1: import {REQUEST}#request")];
    assert_eq!(lifted(wat, Form::Mixed), (expected, told(&[("request", 1), ("request", 1)])));
}

/// A function that is implemented, renamed, put together, passed on and exported.
const RENAMED: &str = r#"(component $guest
    (core module $m (func (export "f") (result i32) (i32.const 7)))
    (core instance $i (instantiate $m))
    (type $f (func (result u32)))
    (func $own (type $f) (canon lift (core func $i "f")))
    (func $handle (type $f) (canon lift (core func $i "f")))
    (component $shim
        (type $f (func (result u32)))
        (import "one" (func $one (type $f)))
        (import "other" (func $other (type $f)))
        (instance $both (export "x" (func $one)) (export "y" (func $other)))
        (alias export $both "x" (func $again))
        (export $exported "handle" (func $again) (func (type $f)))
        (export "own" (func $other))
        (instance $inner (export "handle" (func $exported)))
        (export "inner" (instance $inner))
    )
    (instance $made (instantiate $shim (with "one" (func $handle)) (with "other" (func $own))))
    (alias export $made "own" (func $own-again))
    (alias export $made "inner" (instance $inner))
    (instance $own-interface (export "own" (func $own-again)))
    (export "HANDLE" (instance $inner))
    (export "t:a/own@1.0.0" (instance $own-interface) (instance (export "own" (func (type $f)))))
)"#;

#[test]
fn a_function_is_followed_wherever_it_is_passed_on() {
    let expected = vec![format!("0: export inner#handle"), format!("1: export {HANDLE}#handle")];
    // The type of the outer component, and that of the shim.
    assert_eq!(lifted(RENAMED, Form::Mixed), (expected, told(&[("handle", 2)])));
}

#[test]
fn names_of_types_go_with_their_types() {
    let component = component(RENAMED);
    let lifted = uplift("guest", &component, Form::Mixed).unwrap();
    let text = |bytes: &[u8]| type_names(bytes);
    assert_eq!(text(&component), ["f 0", "f 0"]);
    assert_eq!(text(&lifted.bytes), ["f 0", "f 0"]);
    let list = r#"(component (type $f (func)) (type $named (list u8)) (import "REQUEST" (instance
        (alias outer 1 $f (type)) (export "request" (func (type 0))) (export "x" (func (type 0))))))"#;
    let component = self::component(list);
    assert_eq!(type_names(&component), ["f 0", "named 1"]);
    let lifted = uplift("guest", &component, Form::Mixed).unwrap();
    assert_eq!(type_names(&lifted.bytes), ["f 0", "named 2"]);
}

/// The names of types in the components, with the indices that they are of.
fn type_names(component: &[u8]) -> Vec<String> {
    let mut names = Vec::new();
    for payload in wasmparser::Parser::new(0).parse_all(component) {
        let wasmparser::Payload::CustomSection(custom) = payload.unwrap() else { continue };
        let wasmparser::KnownCustom::ComponentName(sections) = custom.as_known() else { continue };
        for section in sections {
            if let wasmparser::ComponentName::Types(types) = section.unwrap() {
                names.extend(
                    types.into_iter().map(|name| name.map(|name| format!("{} {}", name.name, name.index)).unwrap()),
                );
            }
        }
    }
    names
}

#[test]
fn components_as_types_are_followed() {
    let wat = r#"(component
        (component $inner
            (import "REQUEST" (instance $i (export "request" (func (result u32)))))
            (alias export $i "request" (func $f))
            (instance $out (export "handle" (func $f)))
            (export "HANDLE" (instance $out))
        )
        (type $f (func (result u32)))
        (type $inner-type (component
            (alias outer 1 $f (type))
            (import "REQUEST" (instance (alias outer 1 0 (type)) (export "request" (func (type 0)))))
            (export "HANDLE" (instance (alias outer 1 0 (type)) (export "handle" (func (type 0)))))
        ))
        (export "inner" (component $inner) (component (type $inner-type)))
        (import "f" (func (type $f)))
    )"#;
    let (is_async, told) = lifted(wat, Form::Mixed);
    assert_eq!(is_async, [format!("0: export {HANDLE}#handle"), format!("0: import {REQUEST}#request")]);
    assert_eq!(told, [("request".to_owned(), 2)]);
}

#[test]
fn an_interface_under_another_name_is_known_by_what_it_implements() {
    let wat = r#"(component (import "primary" (implements "REQUEST") (instance (export "request" (func)))))"#;
    let component = component(wat);
    let lifted = uplift("guest", &component, Form::Mixed).unwrap();
    assert!(all_functions(&lifted.bytes)["0: import primary#request"]);
}

#[test]
fn what_is_async_already_may_share_its_type() {
    let wat = r#"(component
        (type $f (func async (result u32)))
        (import "REQUEST" (instance (alias outer 1 $f (type)) (export "request" (func (type 0)))))
        (import "t:a/b@1.0.0" (instance (alias outer 1 $f (type)) (export "request" (func (type 0)))))
    )"#;
    let component = component(wat);
    let same = uplift("guest", &component, Form::Mixed).unwrap();
    assert!(*same.bytes == component);
    assert_eq!(same.functions.len(), 1);
    assert_eq!(same.functions[0].types, 0);
}

#[test]
fn what_is_not_in_a_component_is_missed() {
    let imported = r#"(component (import "guest" (component
        (import "REQUEST" (instance (export "request" (func)))))))"#;
    let typed = r#"(component
        (import "types" (instance $types (type $f (func)) (export "f" (type (eq $f)))))
        (alias export $types "f" (type $f))
        (import "REQUEST" (instance (alias outer 1 $f (type)) (export "request" (func (type 0)))))
    )"#;
    for (wat, missed) in [(imported, "the component `guest`"), (typed, "the type of a function")] {
        let error = uplift("guest", component(wat), Form::Mixed).unwrap_err();
        let UpliftError::NotInIt { what, .. } = &error else { panic!("{error:?}") };
        assert!(what.starts_with(missed), "{what}");
        assert!(error.hint().is_some());
    }
}

/// A type of which each use has two of the one before: as a tree it would be larger than any memory.
#[test]
fn a_type_that_is_used_very_often_is_no_trouble() {
    let mut wat = r#"(component (type $t0 (instance (export "request" (func))))"#.to_owned();
    for level in 1..=14 {
        let below = level - 1;
        wat += &format!(
            r#"(type $t{level} (instance (alias outer 1 $t{below} (type))
                (export "a" (instance (type 0))) (export "b" (instance (type 0)))))"#
        );
    }
    wat += r#"(import "many" (instance $many (type $t14)))"#;
    for (level, name) in (0..14).map(|level| (level, if level % 2 == 0 { "a" } else { "b" })) {
        let of = if level == 0 { "$many".to_owned() } else { format!("$i{level}") };
        wat += &format!(r#"(alias export {of} "{name}" (instance $i{}))"#, level + 1);
    }
    wat += r#"(export "REQUEST" (instance $i14)))"#;
    let component = component(&wat);
    let lifted = uplift("guest", &component, Form::Mixed).unwrap();
    Validator::new_with_features(WasmFeatures::all()).validate_all(&lifted.bytes).unwrap();
    let is_async: Vec<_> = all_functions(&lifted.bytes).into_iter().filter(|(_, is_async)| *is_async).collect();
    assert_eq!(is_async, [(format!("0: export {REQUEST}#request"), true)]);
    // A copy a level.
    assert!(lifted.bytes.len() < 2 * component.len());
}

/// Deeper than the validator can count: it panics.
#[test]
fn instances_that_are_nested_too_deep_are_an_error() {
    let mut wat = format!(r#"(component (import "{REQUEST}" (instance $i0 (export "request" (func))))"#);
    for level in 1..=400 {
        wat += &format!(r#"(instance $i{level} (export "x" (instance $i{})))"#, level - 1);
    }
    wat += r#"(export "deep" (instance $i400)))"#;
    let error = uplift("guest", wat::parse_str(wat).unwrap(), Form::Mixed).unwrap_err();
    assert!(matches!(error, UpliftError::Component(ComponentError::Panicked { .. })), "{error:?}");
}
