//! Where two forms of an interface first differ, and how that is said. Each pair is a guest that imports the first form
//! and an adapter that exports the second.

use crate::support::dummy;
use msgcompose::{Adapter, Composition, Error, difference::Difference, plan::PlanError};

fn difference(imported: &str, exported: &str) -> Difference {
    let world = |direction: &str, body: &str| {
        dummy(&format!(
            "// alone\npackage t:{direction}ed;\nworld w {{ {direction} a:b/c; }}\npackage a:b {{ interface c {{ {body} }} }}\n"
        ))
    };
    let adapter = Adapter::from_component("mine.wasm", world("export", exported));
    let composition = Composition::new("guest.wasm", world("import", imported)).adapter(adapter);
    match composition.compose().unwrap_err() {
        Error::Plan(error @ PlanError::DoesNotFit { .. }) => error.difference().unwrap().clone(),
        other => panic!("{other:?}"),
    }
}

/// The import, the export, and what is said.
const PAIRS: &[[&str; 3]] = &[
    ["f: func();", "g: func();", "function `f` is missing\n`guest.wasm` imports `f: func()`"],
    [
        "f: func();",
        "f: async func();",
        "`f` is async, not sync\n`guest.wasm` imports `f: func()`\n`mine.wasm` exports `f: async func()`",
    ],
    ["f: async func();", "f: func();", "`f` is sync, not async"],
    ["f: func(a: u8, b: u8);", "f: func(a: u8);", "`f` has 1 parameter, not 2"],
    ["f: func();", "f: func(a: u8, b: u8);", "`f` has 2 parameters, not 0"],
    ["f: func(topic: string);", "f: func(subject: string);", "`f` has parameter `subject` where `topic` is wanted"],
    ["f: func(a: u8);", "f: func(a: u16);", "parameter `a` of `f` is `u16`, not `u8`"],
    ["f: func(a: list<u8>);", "f: func(a: list<u16>);", "parameter `a` of `f` is `list<u16>`, not `list<u8>`"],
    ["f: func() -> u8;", "f: func();", "`f` has no result"],
    ["f: func();", "f: func() -> u8;", "`f` has a result, where none is wanted"],
    ["f: func() -> result<u8>;", "f: func() -> result;", "the result of `f` is `result`, not `result<u8>`"],
    [
        "f: func() -> result<u8, string>;",
        "f: func() -> result<u8, u8>;",
        "the result of `f` is `result<u8, u8>`, not `result<u8, string>`",
    ],
    [
        "f: func() -> option<tuple<u8, u8>>;",
        "f: func() -> option<tuple<u8, s8>>;",
        "the result of `f` is `option<tuple<u8, s8>>`, not `option<tuple<u8, u8>>`",
    ],
    ["f: func(a: future<u8>);", "f: func(a: future);", "parameter `a` of `f` is `future`, not `future<u8>`"],
    ["f: func(a: stream<u8>);", "f: func(a: stream<s8>);", "parameter `a` of `f` is `stream<s8>`, not `stream<u8>`"],
    [
        "variant error { timeout, other(string) } f: func() -> result<_, error>;",
        "variant error { other(string) } f: func() -> result<_, error>;",
        "variant `error` has no case `timeout`\n\
         `guest.wasm` imports `f: func() -> result<_, error>`\n`variant error { timeout, other(string) }`\n\
         `mine.wasm` exports `f: func() -> result<_, error>`\n`variant error { other(string) }`",
    ],
    [
        "variant v { a } f: func(v: v);",
        "variant v { a, b } f: func(v: v);",
        "variant `v` has a case `b` more\n`guest.wasm` imports `f: func(v: v)`\n`variant v { a }`",
    ],
    [
        "variant v { a, b } f: func(v: v);",
        "variant v { b, a } f: func(v: v);",
        "variant `v` has case `b` where `a` is wanted",
    ],
    [
        "variant v { a(u8) } f: func(v: v);",
        "variant v { a } f: func(v: v);",
        "case `a` of variant `v` holds nothing, not `u8`",
    ],
    [
        "variant v { a } f: func(v: v);",
        "variant v { a(u8) } f: func(v: v);",
        "case `a` of variant `v` holds `u8`, not nothing",
    ],
    [
        "variant v { a(u8) } f: func(v: v);",
        "variant v { a(s8) } f: func(v: v);",
        "case `a` of variant `v` is `s8`, not `u8`",
    ],
    [
        "record r { a: u8, b: u8 } f: func(r: list<r>);",
        "record r { a: u8 } f: func(r: list<r>);",
        "record `r` has no field `b`\n\
         `guest.wasm` imports `f: func(r: list<r>)`\n`record r { a: u8, b: u8 }`\n\
         `mine.wasm` exports `f: func(r: list<r>)`\n`record r { a: u8 }`",
    ],
    [
        "record r { a: u8 } f: func(r: r);",
        "record r { a: s8 } f: func(r: r);",
        "field `a` of record `r` is `s8`, not `u8`",
    ],
    [
        "record i { a: u8 } record o { i: i } f: func(o: o);",
        "record i { a: s8 } record o { i: i } f: func(o: o);",
        "field `a` of record `i` is `s8`, not `u8`\n\
         `guest.wasm` imports `f: func(o: o)`\n`record i { a: u8 }`\n`mine.wasm` exports `f: func(o: o)`\n`record i { a: s8 }`",
    ],
    ["enum e { a, b } f: func(e: e);", "enum e { a } f: func(e: e);", "enum `e` has no case `b`"],
    ["flags g { a, b } f: func(g: g);", "flags g { a } f: func(g: g);", "flags `g` has no flag `b`"],
    [
        "record x { a: u8 } f: func(x: x);",
        "enum x { a } f: func(x: x);",
        "`x` is defined otherwise\n\
         `guest.wasm` imports `f: func(x: x)`\n`record x { a: u8 }`\n`mine.wasm` exports `f: func(x: x)`\n`enum x { a }`",
    ],
    [
        "type t = u8; f: func(t: t);",
        "type t = u16; f: func(t: t);",
        "`t` is defined otherwise\n\
         `guest.wasm` imports `f: func(t: t)`\n`type t = u8`\n`mine.wasm` exports `f: func(t: t)`\n`type t = u16`",
    ],
    ["type t = list<u8>; f: func(t: t);", "type t = list<s8>; f: func(t: t);", "`t` is defined otherwise"],
    ["resource r; f: func(r: r);", "record r { a: u8 } f: func(r: r);", "`r` is a record, not a resource"],
    ["resource r { go: func(); }", "resource r;", "function `r.go` is missing\n`guest.wasm` imports `go: func()`"],
    ["resource r { go: func(); }", "f: func();", "resource `r` is missing\n`guest.wasm` imports `resource r`"],
    [
        "resource r { constructor(a: u8); }",
        "resource r { constructor(a: u16); }",
        "parameter `a` of `r` is `u16`, not `u8`\n\
         `guest.wasm` imports `constructor(a: u8)`\n`mine.wasm` exports `constructor(a: u16)`",
    ],
    [
        "resource r { go: static func(); }",
        "resource r { go: static func() -> r; }",
        "`r.go` has a result, where none is wanted\n\
         `guest.wasm` imports `go: static func()`\n`mine.wasm` exports `go: static func() -> r`",
    ],
    [
        "resource r; resource s; f: func(r: borrow<r>);",
        "resource r; resource s; f: func(r: borrow<s>);",
        "parameter `r` of `f` is `borrow<s>`, not `borrow<r>`",
    ],
    [
        "resource r; f: func(r: borrow<r>);",
        "resource r; f: func(r: r);",
        "parameter `r` of `f` is `r`, not `borrow<r>`",
    ],
];

#[test]
fn the_first_difference_is_shown_with_both_sides() {
    for [imported, exported, said] in PAIRS {
        let found = difference(imported, exported);
        let text = found.to_string();
        let lines = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
        let lines = lines.collect::<Vec<_>>().join("\n");
        assert!(lines.starts_with(said), "{imported} / {exported}:\n{text}");
        assert!(!found.imports.is_empty(), "{found:?}");
    }
}

/// Tools leave out of a component what no function of it uses; not everybody's do.
#[test]
fn a_type_that_no_function_uses_is_compared_too() {
    let of = |kind: &str| {
        let guest = format!(
            r#"(component (import "a:b/c" (instance (type (record (field "a" {kind}))) (export "r" (type (eq 0))))))"#
        );
        let part = format!(
            r#"(component (type (record (field "a" {kind}))) (instance (export "r" (type 0))) (export "a:b/c" (instance 0)))"#
        );
        (wat::parse_str(guest).unwrap(), wat::parse_str(part).unwrap())
    };
    let adapter = Adapter::from_component("mine.wasm", of("s8").1);
    let error = Composition::new("guest.wasm", of("u8").0).adapter(adapter).compose().unwrap_err();
    let Error::Plan(error) = error else { panic!("{error:?}") };
    let found = error.difference().unwrap();
    assert_eq!((&*found.item, &*found.what), ("r", "field `a` of record `r` is `s8`, not `u8`"));
    assert_eq!(
        (&found.imports[..], &found.exports[..]),
        (&["record r { a: u8 }".to_owned()][..], &["record r { a: s8 }".to_owned()][..])
    );
}

/// A guest that is built against less, or names its types otherwise, fits all the same.
#[test]
fn what_fits_has_no_difference() {
    for [imported, exported] in [
        ["f: func();", "f: func(); g: func();"],
        ["f: func();", "resource r; f: func(); g: func(r: r);"],
        ["record r { a: u8 } f: func(r: r);", "record r { a: u8 } type t = r; f: func(r: t);"],
        ["type t = u8; f: func(t: t);", "type t = u8; f: func(t: u8);"],
    ] {
        let world = |direction: &str, body: &str| {
            dummy(&format!(
                "// alone\npackage t:{direction}ed;\nworld w {{ {direction} a:b/c; }}\npackage a:b {{ interface c {{ {body} }} }}\n"
            ))
        };
        let adapter = Adapter::from_component("mine.wasm", world("export", exported));
        let composed = Composition::new("guest.wasm", world("import", imported)).adapter(adapter).compose();
        assert!(composed.is_ok(), "{imported} / {exported}: {:?}", composed.err());
    }
}
