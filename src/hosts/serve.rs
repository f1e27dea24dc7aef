//! Whether a host serves an import: by its name and version, and by the functions that are imported.

use super::profile::{Offer, Profile, Versions};
use crate::{
    common::quote::quoted,
    types::{
        dialect::Dialect,
        interface::{ExternName, InterfaceId},
    },
};
use semver::Version;
use std::collections::BTreeSet;

/// The functions that are imported of an interface, each with whether it is async.
pub(super) type Functions = [(String, bool)];

/// How a host serves an import.
pub(super) enum Service<'p> {
    /// The host offers it.
    Offered(&'p Offer),
    /// The host has something like it, and this is the difference, in words.
    Differs(String),
    /// The host has nothing like it.
    Unknown,
}

impl Profile {
    /// Returns how the host serves an import of these functions.
    pub(super) fn serve(&self, import: &ExternName, functions: &Functions) -> Service<'_> {
        let Some(id) = import.interface() else { return Service::Unknown };
        let near: Vec<_> = self.offers.iter().filter(|offer| offer.links(id, self.versions)).collect();
        let mut first = None;
        for offer in &near {
            match offer.difference(id, functions) {
                None => return Service::Offered(offer),
                Some(difference) => first = first.or(Some(difference)),
            }
        }
        let other = || {
            let same: Vec<_> = self.offers.iter().filter(|offer| offer.id(id).is_some()).collect();
            let versions: BTreeSet<_> =
                same.iter().filter(|offer| offer.has(id.interface())).map(|offer| &offer.package).collect();
            if !versions.is_empty() {
                return Some(format!("the host has {}", quoted(versions, " and ")));
            }
            let had: BTreeSet<_> = same.iter().flat_map(|offer| &offer.interfaces).collect();
            let package = &same.first()?.package;
            Some(format!("the host has only {} of `{package}`", quoted(had, ", ")))
        };
        let instead = self.instead_of(&id.package()).map(str::to_owned);
        match first.or(instead).or_else(other) {
            Some(difference) => Service::Differs(difference),
            None => Service::Unknown,
        }
    }
}

impl Offer {
    /// Returns the interface of `import` in the version of the offer. Returns none if the package is another.
    fn id(&self, import: &InterfaceId) -> Option<InterfaceId> {
        let (package, version) = match self.package.split_once('@') {
            Some((package, version)) => (package, format!("@{version}")),
            None => (self.package.as_str(), String::new()),
        };
        if !import.is_of(package) {
            return None;
        }
        format!("{package}/{}{version}", import.interface()).parse().ok()
    }

    /// Returns whether the host links the import to this offer.
    fn links(&self, import: &InterfaceId, versions: Versions) -> bool {
        self.has(import.interface())
            && self.id(import).is_some_and(|own| match versions {
                Versions::Track => own.serves(import),
                Versions::Exact => own == *import,
            })
    }

    /// Returns whether the host has an interface of the package.
    fn has(&self, interface: &str) -> bool {
        (self.interfaces.is_empty() || self.interfaces.iter().any(|name| name == interface))
            && !self.without.iter().any(|name| name == interface)
    }

    /// Returns how the functions that are imported differ from those that the host has.
    fn difference(&self, id: &InterfaceId, functions: &Functions) -> Option<String> {
        let lacks = |function: &str| {
            let lacked = self.without.iter().filter_map(|name| name.split_once('/'));
            lacked.into_iter().any(|lacked| lacked == (id.interface(), function))
        };
        let lacked: Vec<_> = functions.iter().map(|(name, _)| name).filter(|name| lacks(name)).collect();
        if !lacked.is_empty() {
            return Some(format!("the host has `{}`, without {}", self.package, quoted(lacked, ", ")));
        }
        // Dialects say which functions of messaging are async, and WASI 0.3 has functions of both kinds.
        let has_kinds = id.is_wasi() && id.version().is_some_and(|version| *version >= Version::new(0, 3, 0));
        if Dialect::is_of(id) || has_kinds {
            return None;
        }
        let (own, other) = if self.is_async { ("async", "sync") } else { ("sync", "async") };
        let is_other =
            |(name, is_async): &(String, bool)| *is_async != self.is_async && !name.starts_with("[constructor]");
        functions
            .iter()
            .any(is_other)
            .then(|| format!("the host has its functions as {own} functions, and the component imports {other} ones"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Says how a host that offers this serves an import of these functions.
    fn served(versions: &str, offer: &str, import: &str, functions: &[(&str, bool)]) -> String {
        let text = format!(
            "summary = ''\nversion = ''\nday = ''\nversions = '{versions}'\ncall = []\n[[offer]]\n{offer}\nsource.run = ''"
        );
        let profile: Profile = toml::from_str(&text).unwrap();
        let functions: Vec<_> = functions.iter().map(|(name, is_async)| ((*name).to_owned(), *is_async)).collect();
        match profile.serve(&ExternName::parse(import), &functions) {
            Service::Offered(_) => "offered".to_owned(),
            Service::Differs(difference) => difference,
            Service::Unknown => "unknown".to_owned(),
        }
    }

    #[test]
    fn versions_on_a_track_are_linked_or_only_the_same() {
        let on_track = |import: &str| served("track", "package = 'x:y@0.2.12'\ninterfaces = ['a']", import, &[]);
        assert_eq!(on_track("x:y/a@0.2.0"), "offered");
        assert_eq!(on_track("x:y/a@0.2.99"), "offered");
        assert_eq!(on_track("x:y/a@0.3.0"), "the host has `x:y@0.2.12`");
        assert_eq!(on_track("x:y/b@0.2.0"), "the host has only `a` of `x:y@0.2.12`");
        assert_eq!(on_track("x:z/a@0.2.0"), "unknown");
        let exact = |import: &str| served("exact", "package = 'x:y@0.2.12'", import, &[]);
        assert_eq!((&*exact("x:y/a@0.2.12"), &*exact("x:y/a@0.2.0")), ("offered", "the host has `x:y@0.2.12`"));
        let draft = |import: &str| served("track", "package = 'x:y@0.2.0-draft'", import, &[]);
        assert_eq!(draft("x:y/a@0.2.0-draft"), "offered");
        assert_eq!(draft("x:y/a@0.2.0-draft2"), "the host has `x:y@0.2.0-draft`");
        let bare = |import: &str| served("track", "package = 'x:y'", import, &[]);
        assert_eq!((&*bare("x:y/a"), &*bare("x:y/a@0.1.0")), ("offered", "the host has `x:y`"));
    }

    #[test]
    fn functions_decide_too() {
        let offer = "package = 'x:y@0.2.6'\nwithout = ['exit/exit-with-code', 'zone']";
        let served = |import, functions| served("track", offer, import, functions);
        assert_eq!(served("x:y/exit@0.2.12", &[("exit", false)]), "offered");
        let lacked = "the host has `x:y@0.2.6`, without `exit-with-code`";
        assert_eq!(served("x:y/exit@0.2.12", &[("exit", false), ("exit-with-code", false)]), lacked);
        assert_ne!(served("x:y/zone@0.2.12", &[]), "offered");
        let is_async = "the host has its functions as sync functions, and the component imports async ones";
        assert_eq!(served("x:y/store@0.2.0", &[("open", true)]), is_async);
    }

    #[test]
    fn an_async_offer_serves_async_functions_only() {
        let served = |functions| served("track", "package = 'x:y@0.2.0'\nasync = true", "x:y/a@0.2.0", functions);
        assert_eq!(served(&[("open", true), ("[constructor]b", false)]), "offered");
        assert!(served(&[("open", false)]).ends_with("the component imports sync ones"));
    }
}
