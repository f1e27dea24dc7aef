//! Small packages, each with a mistake that must be found, or with something that is none.

use super::Walls;
use std::collections::BTreeMap;

/// The package `it` of these files.
fn package(files: &[(&str, &str)]) -> Walls {
    let files: BTreeMap<&str, &str> = files.iter().copied().collect();
    Walls::of("it", &|path| Ok(files.get(path).map(|text| (*text).to_owned()))).unwrap()
}

/// The modules `a`, `b` and `c` of a library.
fn three(a: &str, b: &str, c: &str) -> Walls {
    package(&[("lib.rs", "mod a; mod b; mod c;"), ("a.rs", a), ("b.rs", b), ("c.rs", c)])
}

/// The module `p` with its child modules `a` and `b`, and `x` beside it.
fn family(p: &str, a: &str, b: &str, x: &str) -> Vec<String> {
    let p = format!("mod a; mod b; {p}");
    let files = [("lib.rs", "mod p; mod x;"), ("p.rs", &p), ("p/a.rs", a), ("p/b.rs", b), ("x.rs", x)];
    package(&files).circles()
}

/// What `a` uses.
fn used_by_a(a: &str) -> Vec<String> {
    let b = "pub mod inner { pub struct Inner; } pub struct B; pub fn run() {} pub enum Kind { One }";
    let c = "pub use crate::b::{B as Renamed, inner}; pub struct C;";
    let walls = three(a, b, c);
    walls.edges.between.keys().filter(|(from, _)| *from == 1).map(|(from, to)| walls.used(*from, *to)).collect()
}

#[test]
fn a_circle_is_named_with_the_items_that_make_it() {
    let walls = three("use crate::b::{B, run}; pub struct A;", "pub struct B; use super::c::C;", "use crate::a::A;");
    assert_eq!(walls.circles(), ["a.rs → b.rs (B, run) → c.rs (C) → a.rs (A)"]);
}

#[test]
fn circles_in_one_knot_are_told_apart() {
    let walls = three("use crate::b::B; use crate::c::C;", "use crate::a::A;", "use crate::a::A;");
    assert_eq!(walls.circles(), ["a.rs → b.rs (B) → a.rs (A)", "a.rs → c.rs (C) → a.rs (A)"]);
}

#[test]
fn every_way_of_writing_a_path_counts() {
    for a in [
        "use crate::b::B;",
        "use super::b::B;",
        "use {super::b::{self, B}};",
        "fn f(b: crate::b::B) {}",
        "fn f() -> Vec<Option<super::b::B>> { Vec::new() }",
        "fn f<T: Into<crate::b::B>>() {}",
        "fn f() { match x { crate::b::B => {} } }",
        "fn f() { use crate::b; b::B; }",
        "use crate::b; fn f() { b::B; }",
        "use crate::b as other; fn f() { other::B; }",
        "use crate as all; fn f() { all::b::B; }",
        "impl crate::b::B {}",
        "impl Iterator for X { type Item = <u8 as crate::b::B>::C; }",
        "fn f() { println!(\"{}\", crate::b::B); }",
        "fn f() { vec![1, { assert!(super::b::B::new().is_ok()) }]; }",
        "macro_rules! m { () => { $crate::b::B } }",
        "macro_rules! m { () => { use crate::{b::{B as C}}; } }",
        "bindgen!({ with: { \"x\": crate::b::B } });",
        "#[derive(Parser)] struct X { #[arg(value_parser = crate::b::B)] x: u8 }",
        "#[crate::b::B] fn f() {}",
        "mod inner { use super::super::b::B; }",
        "fn f() { mod inner { use crate::b::B; } }",
        "mod inner { fn f() { crate::b::B; } }",
        "#[cfg(not(test))] use crate::b::B;",
        "#[cfg(any(test, feature = \"x\"))] use crate::b::B;",
        "use self::super::b::B;",
    ] {
        let used = used_by_a(a);
        assert!(used.iter().any(|used| used.starts_with("b.rs (B")), "{a}: {used:?}");
    }
}

#[test]
fn what_is_no_use_does_not_count() {
    for a in [
        "use std::b::B;",
        "use ::b::B;",
        "fn f() { ::crate_b::B; }",
        "// crate::b::B",
        "/// See [`crate::b::B`].\nfn f() {}",
        "const TEXT: &str = \"crate::b::B\";",
        "pub(in super::super::b) fn f() {}",
        "#![cfg(test)] use crate::b::B;",
        "#[cfg(test)] use crate::b::B;",
        "#[cfg(test)] mod tests { use crate::b::B; }",
        "#[cfg(all(test, unix))] fn f() { crate::b::B; }",
        "impl X { #[cfg(test)] fn f() { crate::b::B; } }",
        "struct X { #[cfg(test)] x: crate::b::B }",
        "fn f() { #[cfg(test)] let x = crate::b::B; }",
        "use self::inner::B; mod inner { pub struct B; }",
    ] {
        assert_eq!(used_by_a(a), [""; 0], "{a}");
    }
}

#[test]
fn re_exports_lead_to_the_file_that_defines() {
    assert_eq!(used_by_a("use crate::c::C;"), ["c.rs (C)"]);
    assert_eq!(used_by_a("use crate::c::Renamed;"), ["b.rs (B)"]);
    assert_eq!(used_by_a("use crate::c::inner::Inner;"), ["b.rs (Inner)"]);
    assert_eq!(used_by_a("use crate::b::Kind::*;"), ["b.rs (Kind)"]);

    // Through the parent, which only passes it on: a circle of siblings.
    let circles = family("pub use b::B;", "use super::B; pub struct A;", "use super::a::A; pub struct B;", "");
    assert_eq!(circles, ["p/a.rs → p/b.rs (B) → p/a.rs (A)"]);
    // Through two of them, and one beside.
    let circles = family(
        "pub use b::B; pub use crate::x::A;",
        "pub struct A;",
        "use super::A; pub struct B;",
        "pub use crate::p::a::A; use crate::p::B;",
    );
    assert_eq!(circles, [""; 0]);
    let circles = family(
        "pub use b::B;",
        "pub use super::B;",
        "use crate::x::X; pub struct B;",
        "use crate::p::a::B; pub struct X;",
    );
    assert_eq!(circles, ["p/b.rs → x.rs (X) → p/b.rs (B)"]);
}

#[test]
fn re_exports_in_a_ring_come_to_an_end() {
    let walls =
        three("pub use crate::b::*; pub use a::a;", "pub use crate::a::*;", "use crate::a::gone; use crate::b::a;");
    assert_eq!(walls.globs().len(), 2);
}

#[test]
fn a_macro_leads_to_the_file_that_defines_it() {
    let define = "macro_rules! helper { () => {} } ";
    let exported = "#[macro_export] macro_rules! helper { () => {} }";
    let call = "fn f() { helper!(); } pub struct A;";
    let used = |walls: Walls| walls.edges.between.keys().map(|(from, to)| walls.used(*from, *to)).collect::<Vec<_>>();
    // By `pub use`, by `#[macro_export]`, by `#[macro_use]`, and in the text above `mod`.
    assert_eq!(
        used(three("fn f() { crate::b::helper!(); }", &format!("{define} pub(crate) use helper;"), "")),
        ["b.rs (helper)"]
    );
    assert_eq!(used(three("fn f() { crate::helper!(); }", exported, "")), ["b.rs (helper)"]);
    assert_eq!(
        used(package(&[("lib.rs", "#[macro_use] mod b; mod a;"), ("a.rs", call), ("b.rs", define)])),
        ["b.rs (helper!)"]
    );
    assert_eq!(used(package(&[("lib.rs", &format!("{define} mod a;")), ("a.rs", call)])), ["lib.rs (helper!)"]);
    assert_eq!(
        used(package(&[("lib.rs", &format!("{define} mod a;")), ("a.rs", "fn f() { vec![helper!()]; }")])),
        ["lib.rs (helper!)"]
    );
}

#[test]
fn a_parent_and_its_own_child_may_use_each_other() {
    assert_eq!(family("use a::A; pub struct P;", "use super::P; pub struct A;", "", ""), [""; 0]);
    // The parent owns what its children share, and puts them together; they may use one another in one direction.
    assert_eq!(family("use a::A; use b::B; pub struct P;", "use super::{P, b::B};", "use super::P;", ""), [""; 0]);
    // Both may use what is elsewhere, and be used there.
    assert_eq!(family("use a::A; use crate::x::X; pub struct P;", "use super::P; use crate::x::X;", "", ""), [""; 0]);
    assert_eq!(family("use a::A; pub struct P;", "use super::P;", "", "use crate::p::{P, a::A};"), [""; 0]);
}

#[test]
fn siblings_form_no_circle() {
    let circle = ["p/a.rs → p/b.rs (B) → p/a.rs (A)"];
    assert_eq!(family("", "use super::b::B;", "use super::a::A;", ""), circle);
    assert_eq!(family("use a::A; use b::B;", "use super::b::B;", "use super::a::A;", ""), circle);
    let circle = ["p/a.rs → x.rs (X) → p/b.rs (B) → p/a.rs (A)"];
    assert_eq!(family("", "use crate::x::X;", "use super::a::A;", "use crate::p::b::B;"), circle);
}

#[test]
fn a_circle_through_a_parent_and_a_stranger_counts() {
    // The parent needs the child, the child needs the stranger, and the stranger needs the parent.
    let circle = ["p.rs → p/a.rs (A) → x.rs (X) → p.rs (P)"];
    assert_eq!(family("use a::A; pub struct P;", "use crate::x::X;", "", "use crate::p::P;"), circle);
    // Without the first of these there is none.
    assert_eq!(family("pub struct P;", "use crate::x::X;", "", "use crate::p::P;"), [""; 0]);
    let circle = ["p.rs → x.rs (X) → p/a.rs (A) → p.rs (P)"];
    assert_eq!(family("use crate::x::X; pub struct P;", "use super::P;", "", "use crate::p::a::A;"), circle);
    assert_eq!(family("use crate::x::X; pub struct P;", "", "", "use crate::p::a::A;"), [""; 0]);
}

#[test]
fn only_an_own_child_may_use_its_parent() {
    let grandchild = |p: &str, a: &str, c: &str| {
        let (p, a) = (format!("mod a; {p}"), format!("mod c; {a}"));
        package(&[("lib.rs", "mod p;"), ("p.rs", &p), ("p/a.rs", &a), ("p/a/c.rs", c)]).circles()
    };
    let circle = ["p.rs → p/a.rs (A) → p/a/c.rs (C) → p.rs (P)"];
    assert_eq!(grandchild("use a::A; pub struct P;", "use c::C;", "use super::super::P;"), circle);
    assert_eq!(grandchild("use a::c::C; pub struct P;", "", "use crate::p::P;"), ["p.rs → p/a/c.rs (C) → p.rs (P)"]);
    // Each needs its own parent only.
    assert_eq!(
        grandchild("use a::{A, C}; pub struct P;", "use super::P; pub use c::C; struct A;", "use super::A;"),
        [""; 0]
    );
}

#[test]
fn the_root_is_a_parent_too() {
    let circles = |files: &[(&str, &str)]| package(files).circles();
    assert_eq!(circles(&[("main.rs", "mod a; use a::A; struct M;"), ("a.rs", "use crate::M;")]), [""; 0]);
    let files = [("main.rs", "mod a; use a::A; struct M;"), ("a.rs", "mod b; use b::B;"), ("a/b.rs", "use crate::M;")];
    assert_eq!(circles(&files), ["main.rs → a.rs (A) → a/b.rs (B) → main.rs (M)"]);
}

#[test]
fn imports_of_everything_are_found() {
    let globs = three("use super::b::*;", "pub struct B;", "use crate::a::Kind::*;").globs();
    assert_eq!(globs, ["a.rs: `use super::b::*`; name what is used"]);
    // They count as a use of all that they could mean.
    assert_eq!(used_by_a("use crate::c::*;"), ["b.rs (B, inner)", "c.rs (C, c)"]);
    assert_eq!(three("#[cfg(test)] mod tests { use super::*; }", "use std::fmt::*;", "").globs(), [""; 0]);
}

#[test]
fn a_lower_wing_knows_nothing_of_a_higher_one() {
    let files = |low: &'static str, high: &'static str| {
        [("lib.rs", "mod low; mod high;"), ("low/mod.rs", "mod a;"), ("low/a.rs", low), ("high.rs", high)]
    };
    let against = |low, high| package(&files(low, high)).against(&["low", "high"]);
    assert_eq!(against("pub struct A;", "use crate::low::a::A;"), [""; 0]);
    assert_eq!(against("use crate::high::H;", "pub struct H;"), ["low/a.rs uses the higher high.rs (H)"]);
    assert_eq!(package(&files("", "")).against(&["low"]), ["high.rs is in no wing"]);
}

#[test]
fn a_re_export_does_not_hide_which_wing_is_used() {
    let files =
        [("lib.rs", "mod low; mod high; pub use high::H;"), ("low.rs", "use crate::H;"), ("high.rs", "pub struct H;")];
    let walls = package(&files);
    assert_eq!(walls.against(&["low", "high"]), ["low.rs uses the higher high.rs (H)"]);
    assert_eq!(walls.beyond_a_front(), ["low.rs: `crate::H` leads through lib.rs; name the module that defines it"]);
}

#[test]
fn lib_rs_is_a_face() {
    let front = |library: &str| package(&[("lib.rs", library), ("a.rs", "pub struct A;")]).beyond_a_front();
    assert_eq!(front("//! What it is.\nmod a; pub use a::A; #[cfg(test)] mod tests { fn f() {} }"), [""; 0]);
    for (item, name) in [
        ("use a::A;", "a private `use`"),
        ("pub(crate) use a::A;", "a private `use`"),
        ("pub fn f() {}", "`f`"),
        ("mod b {}", "an inline `mod b`"),
        ("impl A {}", "an item without a name"),
    ] {
        let expected = format!("lib.rs has {name}: it is for documentation, `mod` and `pub use`");
        assert_eq!(front(&format!("mod a; {item}")), [expected]);
    }
}

#[test]
fn main_rs_has_one_entry_and_no_modules() {
    let front = |main: &str| {
        let files =
            [("lib.rs", "mod a; pub use a::run;"), ("a.rs", "pub fn run() {} fn other() {}"), ("main.rs", main)];
        package(&[&files[..], &[("b.rs", "fn f() { it::run(); it::a::run(); }")]].concat()).beyond_a_front()
    };
    assert_eq!(front("fn main() { it::run() }"), [""; 0]);
    assert_eq!(front("fn main() { it::run(); it::a::other(); }"), ["main.rs: `it::run` is a second entry"]);
    assert_eq!(front("mod b; fn main() {}"), ["b.rs is a module of main.rs: move it into the library"]);
}

#[test]
fn what_cannot_be_read_is_an_error() {
    let error = |files: &'static [(&str, &str)]| {
        let files: BTreeMap<&str, &str> = files.iter().copied().collect();
        format!("{:#}", Walls::of("it", &|path| Ok(files.get(path).map(|text| (*text).to_owned()))).err().unwrap())
    };
    assert_eq!(error(&[]), "there is no `lib.rs` and no `main.rs`");
    assert_eq!(error(&[("lib.rs", "mod a;")]), "neither `a.rs` nor `a/mod.rs` is there");
    assert_eq!(error(&[("lib.rs", "#[path = \"b.rs\"] mod a;")]), "`#[path]` of `mod a` hides where its file is");
    assert!(error(&[("lib.rs", "mod")]).starts_with("failed to parse `lib.rs`"));
}
