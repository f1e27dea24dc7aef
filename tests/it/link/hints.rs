//! What an error of linking says to do is done, and then the guests are linked.

use crate::support::fixture;
use msgcompose::{
    Composition, Remedied,
    link::{Deliver, Unrouted},
    remedy::Setting,
    types::Dialect,
};

fn link(app: &str, handlers: &[(&str, &str)]) -> Composition {
    let link = Composition::new(format!("{app}.wasm"), fixture(app));
    handlers
        .iter()
        .fold(link, |link, (pattern, handler)| link.handler([*pattern], format!("{handler}.wasm"), fixture(handler)))
}

/// Makes the settings that a remedy names.
fn follow(link: Composition, remedy: &[&Setting]) -> Composition {
    remedy.iter().fold(link, |link, setting| {
        link.with(|all| match setting {
            Setting::DeliverToApp => all.deliver = Some(Deliver::App),
            Setting::UnroutedToHost => all.unrouted = Some(Unrouted::Host),
            Setting::Dialect(dialect) => all.dialect = dialect.as_ref().map(|dialect| dialect.parse().unwrap()),
            other => panic!("{other}"),
        })
    })
}

#[test]
fn a_setting_that_a_hint_names_is_the_way_out() {
    let with = |link: Composition, dialect| link.with(|all| all.dialect = Some(dialect));
    for refused in [
        // It would only be called with messages, and none come in.
        link("nester", &[("nest.0", "echo")]).with(|all| all.deliver = Some(Deliver::None)),
        link("nester", &[("nest.0", "nester")]).with(|all| all.deliver = Some(Deliver::None)),
        // One is async, and the host is to be sync.
        with(link("crowd-program", &[("prices", "pricer")]), Dialect::Sync),
        with(link("nester", &[("nest.0", "waiter")]), Dialect::Sync),
        // It has sync exports, and is to be async.
        with(link("shop-front", &[("prices", "pricer")]), Dialect::Mixed),
        with(link("wasmcloud-courier", &[("prices", "pricer")]), Dialect::Async),
    ] {
        let error = refused.clone().compose().unwrap_err();
        let remedy = error.remedy().unwrap_or_else(|| panic!("{error:?}"));
        let settings: Vec<_> = remedy.settings().collect();
        assert!(!settings.is_empty(), "{remedy}");
        follow(refused, &settings).compose().unwrap_or_else(|error| panic!("{remedy}: {error:?}"));
    }
}

/// Guests that cannot wait for an async one, and the same guests with a sync one in its place.
#[test]
fn who_cannot_wait_for_an_async_guest_is_linked_with_a_sync_one() {
    for app in ["survey", "shop-front", "asker", "gateway", "wasmcloud-courier"] {
        for handler in ["waiter", "crowd", "wasmcloud-streams"] {
            let error = link(app, &[("prices", handler)]).compose().unwrap_err();
            assert_eq!(
                error.to_string(),
                format!("`{app}.wasm` cannot be linked with `{handler}.wasm`, which is async")
            );
            let remedy = error.remedy().unwrap().to_string();
            assert!(remedy.starts_with(&format!("build `{handler}.wasm` with sync functions, or ")), "{remedy}");
        }
        link(app, &[("prices", "pricer")]).compose().unwrap();
    }
}
