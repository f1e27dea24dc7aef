//! Components that are not lifted because they would not run, as minimal WAT. Golden files show the messages.

use super::shapes::component;
use msgcompose::{
    Remedied,
    remedy::Setting,
    types::Dialect,
    uplift::{UpliftError, uplift},
};

fn error(wat: &str, form: Dialect) -> UpliftError {
    uplift("app.wasm", component(wat), form).unwrap_err()
}

fn lifts(wat: &str, form: Dialect) {
    uplift("app.wasm", component(wat), form).unwrap_or_else(|error| panic!("{error:?}"));
}

/// Returns a guest that calls `request` and has this export.
fn guest(export: &str) -> String {
    format!(
        r#"(component
            (import "REQUEST" (instance $r (export "request" (func (result u32)))))
            (core module $m (import "" "request" (func (result i32))) (func (export "f") (result i32) (call 0)))
            (core func $request (canon lower (func $r "request")))
            (core instance $i (instantiate $m (with "" (instance (export "request" (func $request))))))
            (func $f (result u32) (canon lift (core func $i "f")))
            (func $waits async (result u32) (canon lift (core func $i "f")))
            (instance $x (export "init" (func $f)))
            {export}
        )"#
    )
}

#[test]
fn a_sync_export_of_a_guest_that_waits_is_refused() {
    for (export, name) in [
        (r#"(export "run" (func $f))"#, "run"),
        (r#"(export "t:a/b" (instance $x))"#, "t:a/b#init"),
        (r#"(export "waits" (func $waits)) (export "late" (func $f))"#, "late"),
    ] {
        let error = error(&guest(export), Dialect::Mixed);
        let UpliftError::SyncExport { component, exports, calls, .. } = error else { panic!("{error:?}") };
        assert_eq!(component, "`app.wasm`");
        assert_eq!(exports, [name]);
        assert_eq!(calls, ["wasi:messaging/request-reply@0.2.0-draft#request"]);
    }
}

#[test]
fn functions_that_nobody_calls_do_not_forbid_lifting() {
    // Allowed: no export, an async export, what `componentize-py` calls during its build, and what is passed to a
    // component without code.
    lifts(&guest(""), Dialect::Mixed);
    lifts(&guest(r#"(export "waits" (func $waits))"#), Dialect::Mixed);
    lifts(&guest(r#"(export "exports" (instance $x))"#), Dialect::Mixed);
    let unused = handler(
        r#"(component $runner
            (import "HANDLE" (instance $h (export "handle" (func (result u32)))))
            (core module $m (import "" "handle" (func (result i32))) (func (export "f") (result i32) (call 0)))
            (core func $handle (canon lower (func $h "handle")))
            (core instance $i (instantiate $m (with "" (instance (export "handle" (func $handle))))))
            (func $f (result u32) (canon lift (core func $i "f")))
            (export "run" (func $f))
        )
        (instance $r (instantiate $runner (with "HANDLE" (instance $h "HANDLE"))))"#,
    );
    lifts(&unused, Dialect::Mixed);
    let used = unused.trim_end().strip_suffix(')').unwrap().to_owned() + r#"(export "run" (func $r "run")))"#;
    assert!(matches!(error(&used, Dialect::Mixed), UpliftError::SyncExport { .. }));
    let passed = r#"(component $c (import "f" (func $f (result u32))) (export "g" (func $f)))
        (instance (instantiate $c (with "f" (func $f))))"#;
    lifts(&guest(passed), Dialect::Mixed);
}

#[test]
fn a_function_that_a_component_within_calls_counts_as_exported() {
    let called = r#"(component $c (import "f" (func $f (result u32))) (core func (canon lower (func $f))))
        (instance (instantiate $c (with "f" (func $f))))"#;
    let error = error(&guest(called), Dialect::Mixed);
    assert!(matches!(&error, UpliftError::SyncExport { exports, .. } if exports == &["f"]), "{error:?}");
}

/// Returns a component with a handler in it. `rest` can use its instance `$h`, and `$caller`, which calls one.
fn handler(rest: &str) -> String {
    format!(
        r#"(component
            (component $guest
                (core module $m (func (export "f") (result i32) (i32.const 7)))
                (core instance $i (instantiate $m))
                (func $f (result u32) (canon lift (core func $i "f")))
                (func $own async (result u32) (canon lift (core func $i "f")))
                (instance $h (export "handle" (func $f)))
                (export "HANDLE" (instance $h))
            )
            (component $caller
                (import "HANDLE" (instance $h (export "handle" (func (result u32)))))
                (core module $m (import "" "handle" (func (result i32))) (func (export "f") (result i32) (call 0)))
                (core func $handle (canon lower (func $h "handle")))
                (core instance $i (instantiate $m (with "" (instance (export "handle" (func $handle))))))
                (func $f async (result u32) (canon lift (core func $i "f")))
                (export "f" (func $f))
            )
            (instance $h (instantiate $guest))
            {rest}
        )"#
    )
}

#[test]
fn a_guest_that_is_called_from_two_sides_is_refused() {
    let call = r#"(instance (instantiate $caller (with "HANDLE" (instance $h "HANDLE"))))"#;
    let export = r#"(export "HANDLE" (instance $h "HANDLE"))"#;
    let callers = |rest: &str| {
        let error = error(&handler(rest), Dialect::Mixed);
        assert!(error.remedy().is_some());
        let UpliftError::TwoRoutes { component, routes } = error else { panic!("{error:?}") };
        assert_eq!(component, "`guest` in `app.wasm`");
        assert!(routes.iter().all(|route| route.function == "wasi:messaging/incoming-handler@0.2.0-draft#handle"));
        routes.map(|route| route.caller)
    };
    assert_eq!(callers(&format!("{call} {export}")), ["the host", "`caller` in `app.wasm`"]);
    assert_eq!(callers(&format!("{call} {call}")), ["`caller` in `app.wasm`"; 2]);
    let within =
        format!(r#"(instance $bundle (export "deep" (instance $h "HANDLE"))) (export "x" (instance $bundle)) {call}"#);
    assert_eq!(callers(&within), ["the host", "`caller` in `app.wasm`"]);
}

#[test]
fn one_route_is_enough_however_often_a_component_is_there() {
    let call = |of: &str| format!(r#"(instance (instantiate $caller (with "HANDLE" (instance {of} "HANDLE"))))"#);
    let export = r#"(export "HANDLE" (instance $h "HANDLE"))"#;
    lifts(&handler(export), Dialect::Mixed);
    lifts(&handler(&call("$h")), Dialect::Mixed);
    lifts(&handler(&format!("(instance $other (instantiate $guest)) {} {export}", call("$other"))), Dialect::Mixed);
    // A guest that waits in its own way needs nothing to keep its calls apart.
    let async_lift = handler(&format!("{} {export}", call("$h")));
    let async_lift = async_lift.replace(r#"(func (export "f") (result i32) (i32.const 7))"#, r#"(func (export "f"))"#);
    let async_lift = async_lift.replacen(
        r#"(func $f (result u32) (canon lift (core func $i "f")))"#,
        r#"(func $f async (result u32) (canon lift (core func $i "f") async))"#,
        1,
    );
    let async_lift = async_lift.replacen(r#"(func $own async (result u32) (canon lift (core func $i "f")))"#, "", 1);
    let async_lift = async_lift.replace(r#"(func (result u32))"#, r#"(func async (result u32))"#);
    lifts(&async_lift, Dialect::Mixed);
}

#[test]
fn a_guest_that_is_more_async_than_the_dialect_is_refused() {
    let import = |interface: &str, functions: &str| {
        format!(r#"(component (import "wasi:messaging/{interface}@0.2.0-draft" (instance {functions})))"#)
    };
    for (wat, form, fitting) in [
        (import("producer", r#"(export "send" (func async))"#), Dialect::Mixed, Some(Dialect::Async)),
        (import("request-reply", r#"(export "request" (func async))"#), Dialect::Sync, Some(Dialect::Mixed)),
        (
            import("request-reply", r#"(export "reply" (func async)) (export "request" (func async))"#),
            Dialect::Mixed,
            Some(Dialect::Async),
        ),
        (import("producer", r#"(export "flush" (func async)) (export "send" (func))"#), Dialect::Async, None),
    ] {
        let error = error(&wat, form);
        let UpliftError::AlreadyAsync { fits, .. } = &error else { panic!("{error:?}") };
        assert_eq!(*fits, fitting);
        let remedy = error.remedy().unwrap();
        let fitting = fitting.map(|form| Setting::Dialect(Some(form.to_string())));
        assert_eq!(remedy.settings().collect::<Vec<_>>(), fitting.iter().collect::<Vec<_>>());
    }
}

#[test]
fn more_instances_than_can_be_followed_are_an_error() {
    // Each component contains the one before ten times: a million instances.
    let mut wat = r#"(component (component $c0 (import "REQUEST" (instance (export "request" (func)))))"#.to_owned();
    for level in 1..=6 {
        let instances = r#"(instance (instantiate $c (with "REQUEST" (instance $r))))"#.repeat(10);
        wat += &format!(
            r#"(component $c{level} (import "REQUEST" (instance $r (export "request" (func))))
                (alias outer 1 $c{} (component $c)) {instances})"#,
            level - 1
        );
    }
    wat += r#"(import "REQUEST" (instance $r (export "request" (func)))) (instance (instantiate $c6 (with "REQUEST" (instance $r)))))"#;
    let error = error(&wat, Dialect::Mixed);
    assert!(matches!(error, UpliftError::TooMuch { .. }), "{error:?}");
}

/// A guest that calls `request`, with a resource whose destructor may do so too.
fn with_destructor(export: &str) -> String {
    format!(
        r#"(component
            (import "REQUEST" (instance $r (export "request" (func (result u32)))))
            (core module $m (import "" "request" (func (result i32)))
                (func (export "d") (param i32) (drop (call 0)))
                (func (export "f") (param i32) (result i32) (call 0)))
            (core func $request (canon lower (func $r "request")))
            (core instance $i (instantiate $m (with "" (instance (export "request" (func $request))))))
            (type $t (resource (rep i32) (dtor (func $i "d"))))
            (type $plain (resource (rep i32)))
            (component $shim (import "x" (type $x (sub resource))) (export "session" (type $x)))
            {export}
        )"#
    )
}

#[test]
fn a_resource_whose_destructor_may_wait_is_refused() {
    let instance = r#"(instance $x (export "session" (type $t)))"#;
    let dropper = r#"(component $dropper (import "session" (type $s (sub resource))) (core module)
        (core func (canon resource.drop $s)))"#;
    for (export, name) in [
        (r#"(export "session" (type $t))"#.to_owned(), "session"),
        (format!(r#"{instance} (export "t:a/b" (instance $x))"#), "t:a/b#[dtor]session"),
        (
            r#"(instance $y (instantiate $shim (with "x" (type $t)))) (export "t:a/b" (instance $y))"#.to_owned(),
            "t:a/b#[dtor]session",
        ),
        (format!(r#"{dropper} (instance (instantiate $dropper (with "session" (type $t))))"#), "session"),
    ] {
        for form in [Dialect::Mixed, Dialect::Async] {
            let error = error(&with_destructor(&export), form);
            let UpliftError::SyncExport { component, exports, calls, .. } = error else { panic!("{error:?}") };
            assert_eq!((&*component, &exports[..]), ("`app.wasm`", &[name.to_owned()][..]));
            assert_eq!(calls, ["wasi:messaging/request-reply@0.2.0-draft#request"]);
        }
    }
    // Allowed: nobody else has it, it has no destructor, and it is a resource of messaging.
    for export in [
        String::new(),
        r#"(export "session" (type $plain))"#.to_owned(),
        r#"(instance (instantiate $shim (with "x" (type $t))))"#.to_owned(),
        format!(r#"{instance} (export "wasi:messaging/types@0.2.0-draft" (instance $x))"#),
    ] {
        lifts(&with_destructor(&export), Dialect::Mixed);
    }
}
