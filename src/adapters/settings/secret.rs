//! Which options are secret: no message shows their values.

use super::{Secrets, SettingsError, find};
use crate::adapters::{
    adapter::Adapter,
    option::{OptionSpec, OptionType},
};
use std::collections::BTreeSet;

/// The options that are left to run time: adapters with full names of options.
pub(super) struct Left<'a>(BTreeSet<(&'a str, String)>);

impl<'a> Left<'a> {
    /// Finds the options. A name that means none is an error later, when the options are left.
    pub fn of(adapters: &'a [Adapter], secrets: &Secrets) -> Result<Self, SettingsError> {
        let mut left = BTreeSet::new();
        for key in &secrets.at_run_time {
            if let Some((option, _)) = key.split_once('=') {
                return Err(SettingsError::SecretHasValue { option: shown_key(option) });
            }
            let found = find(adapters, key).ok();
            left.extend(found.and_then(|found| Some((found.adapter, found.key.ok()?))));
        }
        Ok(Self(left))
    }

    /// Returns whether an option is left to run time. `key` is the full name.
    pub fn has(&self, adapter: &str, key: &str) -> bool {
        self.0.iter().any(|(other, left)| *other == adapter && left == key)
    }

    /// Returns whether the value of an option is a secret. `key` is the full name.
    pub fn makes_secret(&self, adapter: &str, option: &OptionSpec, key: &str) -> bool {
        option.secret || self.has(adapter, key)
    }
}

/// Returns whether the value of the option that `key` means may be shown: an adapter has the option, and it is no secret.
/// `at_run_time` are the options that are left to run time.
#[cfg(feature = "cli")]
pub(crate) fn is_public(adapters: &[Adapter], at_run_time: &[String], key: &str) -> bool {
    let secrets = Secrets { at_run_time: at_run_time.to_vec(), baked: true };
    match (find(adapters, key), Left::of(adapters, &secrets)) {
        (Ok(found), Ok(left)) => {
            found.key.as_ref().is_ok_and(|key| !left.makes_secret(found.adapter, found.option, key))
        }
        _ => false,
    }
}

/// Returns a key up to the first character that no name has. What follows may be the value: `header.authorization: TOKEN`.
pub(super) fn shown_key(key: &str) -> String {
    let end = key.find(|c: char| !c.is_alphanumeric() && !"-_./<>".contains(c));
    end.map_or_else(|| key.to_owned(), |end| format!("{}…", &key[..end]))
}

/// Says what is wrong with a value, without quoting any of it.
pub(super) fn reason(kind: &OptionType, value: &str) -> String {
    let reason = kind.rule().check_secret(value).err().unwrap_or_default();
    let end = if value.ends_with('\n') { ": it ends in a line break" } else { "" };
    format!("{reason}{end}")
}
