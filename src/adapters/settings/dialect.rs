//! Decides the dialect of a composition: some parts have a build for each dialect.

use super::{Secrets, Settings, SettingsError};
use crate::{
    adapters::{adapter::Adapter, config::ConfigFrom, part::DIALECT, template::Template},
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

/// Returns the dialect of the composition, and adds it to the settings of each adapter.
///
/// The dialect is `asked`, if that is given, else the guest's. If the adapters have no builds for `sync`, the default
/// is at least `mixed`.
pub(crate) fn dialect(
    adapters: &[Adapter],
    settings: &mut [Settings],
    asked: Option<Dialect>,
    guest: Dialect,
) -> Result<Dialect, SettingsError> {
    let depends = |(adapter, settings): (&Adapter, &Settings)| {
        let files = adapter.parts.iter().filter_map(|part| part.file.template(|option| settings.get(option)));
        files.flat_map(Template::options).any(|option| option == DIALECT)
    };
    let depends = adapters.iter().zip(&*settings).any(depends);
    let dialect = asked.unwrap_or(if depends { guest.max(Dialect::Mixed) } else { guest });
    for (settings, adapter) in settings.iter_mut().zip(adapters) {
        let mut part_missing_in = |dialect: Dialect| {
            settings.values.insert(DIALECT.to_owned(), dialect.to_string());
            adapter.parts.iter().find(|part| adapter.file(part, |option| settings.get(option)).is_err())
        };
        let has: Vec<_> = Dialect::ALL.into_iter().filter(|dialect| part_missing_in(*dialect).is_none()).collect();
        if let Some(part) = part_missing_in(dialect).filter(|_| !has.is_empty()) {
            let part = adapter.part_name(part).to_string();
            return Err(SettingsError::NoDialect { part, asked: dialect, has });
        }
    }
    Ok(dialect)
}
