//! Decides the dialect of a composition: some parts have a build for each dialect.

use super::{Secrets, Settings, SettingsError};
use crate::{
    adapters::{adapter::Adapter, config::ConfigFrom, option::DefaultValue, part::DIALECT},
    types::dialect::Dialect,
};

/// Fails if there are settings for adapters although there are no adapters.
pub(crate) fn refuse_without_adapters(
    secrets: &Secrets,
    config_from: ConfigFrom,
    dialect: Option<Dialect>,
) -> Result<(), SettingsError> {
    if !secrets.at_run_time.is_empty() || secrets.baked || config_from != ConfigFrom::Baked {
        return Err(SettingsError::NothingToSet);
    }
    if dialect.is_some() { Err(SettingsError::NothingInDialect) } else { Ok(()) }
}

/// Returns the dialect of the composition, and adds it to the settings of each adapter, with the defaults that depend on
/// it.
///
/// The dialect is `asked`, if that is given. Otherwise it is the guest's or, if the adapters have no builds for that, the
/// next one with more async functions.
pub(crate) fn dialect(
    adapters: &[Adapter],
    settings: &mut [Settings],
    asked: Option<Dialect>,
    guest: Dialect,
) -> Result<Dialect, SettingsError> {
    let mut missing_in = |dialect: Dialect| {
        let mut all = settings.iter_mut().zip(adapters);
        all.find_map(|(settings, adapter)| settings.missing_in(dialect, adapter))
    };
    let least = asked.unwrap_or(guest);
    let wanted = Dialect::ALL.into_iter().filter(|dialect| asked.map_or(*dialect >= least, |asked| *dialect == asked));
    if let Some(dialect) = wanted.into_iter().find(|dialect| missing_in(*dialect).is_none()) {
        return Ok(dialect);
    }
    let has: Vec<_> = Dialect::ALL.into_iter().filter(|dialect| missing_in(*dialect).is_none()).collect();
    match missing_in(least) {
        Some(part) if !has.is_empty() => Err(SettingsError::NoDialect { part, asked: least, has }),
        // The file is missing in all dialects. Reading it says so.
        _ => Ok(least),
    }
}

/// Sets the defaults that depend on the dialect to those of this one.
pub(crate) fn follow(adapters: &[Adapter], settings: &mut [Settings], dialect: Dialect) {
    for (settings, adapter) in settings.iter_mut().zip(adapters) {
        settings.follow(dialect, adapter);
    }
}

impl Settings {
    /// Sets the dialect, and the defaults that depend on it. Returns a part that has no build with these settings.
    fn missing_in(&mut self, dialect: Dialect, adapter: &Adapter) -> Option<String> {
        self.values.insert(DIALECT.to_owned(), dialect.to_string());
        self.follow(dialect, adapter);
        let mut parts = adapter.parts.iter();
        let part = parts.find(|part| adapter.file(part, |option| self.get(option)).is_err())?;
        Some(adapter.part_name(part).to_string())
    }

    fn follow(&mut self, dialect: Dialect, adapter: &Adapter) {
        for option in &adapter.options {
            if let Some(DefaultValue::By(by)) = &option.default
                && let Some(value) = by.get(DIALECT).and_then(|defaults| defaults.get(&dialect.to_string()))
                && self.is_default(&option.name)
            {
                self.values.insert(option.name.clone(), value.clone());
            }
        }
    }
}
