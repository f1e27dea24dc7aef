//! Options that are set at run time: a config layer, a prebuilt component, stands between the baked options and the
//! parts, and checks what is set as composing does. What it must know of an option is baked beside the value.

use crate::{
    adapters::{adapter::Adapter, duty::Duty, option::OptionSpec},
    types::interface::InterfaceId,
};
use msgcompose_options::describe;
use serde::Deserialize;
use std::{collections::BTreeMap, sync::LazyLock};

/// Where options come from when the composed component runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum ConfigFrom {
    /// From nowhere else: they are as they were set while composing.
    #[default]
    Baked,
    /// Variables of the environment go over what was set while composing: `MSGCOMPOSE_OPTION`, or, before that,
    /// `MSGCOMPOSE_ADAPTER_OPTION`.
    Env,
    /// The host's `wasi:config/store` goes over what was set while composing: `option`, or, before that,
    /// `adapter.option`.
    Host,
}

/// What a layer imports the baked options as.
///
/// # Panics
///
/// Never: the name is one.
#[must_use]
pub fn baked_interface() -> &'static InterfaceId {
    static INTERFACE: LazyLock<InterfaceId> =
        LazyLock::new(|| "msgcompose:config/baked@0.1.0".parse().expect("a valid name"));
    &INTERFACE
}

impl ConfigFrom {
    /// What it is called; none when nothing is read at run time.
    pub(crate) fn name(self) -> Option<&'static str> {
        match self {
            ConfigFrom::Baked => None,
            ConfigFrom::Env => Some("env"),
            ConfigFrom::Host => Some("host"),
        }
    }

    /// The layer, or its debug build, and what it is called behind its adapter's name.
    #[must_use]
    pub fn layer(self, debug: bool) -> Option<(&'static str, &'static [u8])> {
        macro_rules! file {
            ($name:literal) => {
                include_bytes!(concat!("../../../adapters/config-layers/", $name))
            };
        }

        let layer: (_, &[u8]) = match (self, debug) {
            (ConfigFrom::Baked, _) => return None,
            (ConfigFrom::Env, false) => ("config-from-env", file!("env.wasm")),
            (ConfigFrom::Env, true) => ("config-from-env", file!("env.debug.wasm")),
            (ConfigFrom::Host, false) => ("config-from-host", file!("host.wasm")),
            (ConfigFrom::Host, true) => ("config-from-host", file!("host.debug.wasm")),
        };
        Some(layer)
    }

    /// What is to be baked: the options, and beside them what a layer must know of those and of the `unset` ones.
    pub(crate) fn describe(
        self,
        adapter: &Adapter,
        baked: BTreeMap<String, String>,
        unset: &[&OptionSpec],
    ) -> BTreeMap<String, String> {
        if self == ConfigFrom::Baked {
            return baked;
        }
        // An option of a family is declared under the family's name.
        let declared = |key: &str| adapter.options.iter().find(|option| option.key(key).is_some());
        let set = baked.keys().filter_map(|name| Some((name, declared(name)?, "")));
        let unset = unset.iter().map(|option| (&option.name, *option, option.help.as_str()));
        let descriptions = set.chain(unset).map(|(name, option, help)| {
            let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
            describe(name, &self.names(&adapter.name, name), &option.differs_from, &help, option.kind.rule())
        });
        let descriptions: Vec<_> = descriptions.collect();
        baked.into_iter().chain(descriptions).collect()
    }

    /// What the host must do about an option that was not set.
    pub(crate) fn duty(self, option: &OptionSpec) -> Duty {
        let name = self.key(&option.name);
        let help = option.help.trim_end_matches('.');
        let (kind, place) = match self {
            ConfigFrom::Env => ("set-variable", "the environment"),
            ConfigFrom::Baked | ConfigFrom::Host => ("set-config", "`wasi:config/store`"),
        };
        Duty { kind: kind.to_owned(), text: format!("set `{name}` in {place}: {help}"), value: name }
    }

    /// What stands for the value of an option that was not set.
    pub(crate) fn placeholder(self, option: &str) -> String {
        format!("${}", self.key(option))
    }

    /// The shortest name that an option is set by.
    fn key(self, option: &str) -> String {
        match self {
            ConfigFrom::Env => variable(&["MSGCOMPOSE", option]),
            ConfigFrom::Baked | ConfigFrom::Host => option.to_owned(),
        }
    }

    /// All names that an option is set by, each before those that follow it.
    fn names(self, adapter: &str, option: &str) -> Vec<String> {
        match self {
            ConfigFrom::Baked => Vec::new(),
            ConfigFrom::Env => vec![variable(&["MSGCOMPOSE", adapter, option]), self.key(option)],
            ConfigFrom::Host => {
                // For hosts such as Spin, whose keys are words with `_`.
                let word = |key: &[&str]| variable(key).to_ascii_lowercase();
                let mut names =
                    vec![word(&[adapter, option]), format!("{adapter}.{option}"), word(&[option]), self.key(option)];
                names.dedup();
                names
            }
        }
    }
}

/// Words as the name of a variable.
fn variable(words: &[&str]) -> String {
    let known = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' };
    words.join("_").chars().map(known).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::catalogue;

    /// A layer gives the parts only what is described: without this, they would not get the option at all.
    #[test]
    fn an_option_of_a_family_is_described_as_its_own() {
        let adapter = catalogue::get("messaging-over-http").unwrap();
        let baked = BTreeMap::from([("client.eu.base-url".to_owned(), "http://eu".to_owned())]);
        let names = [
            (ConfigFrom::Env, "MSGCOMPOSE_MESSAGING_OVER_HTTP_CLIENT_EU_BASE_URL"),
            (ConfigFrom::Host, "messaging-over-http.client.eu.base-url"),
        ];
        for (from, name) in names {
            let described = from.describe(&adapter, baked.clone(), &[]);
            assert!(described["?client.eu.base-url"].contains(name), "{described:?}");
            assert_eq!(described["client.eu.base-url"], "http://eu");
        }
    }

    #[test]
    fn options_have_names_in_every_place() {
        let names = |from: ConfigFrom, option| from.names("reqreply-over-pubsub", option);
        assert_eq!(
            names(ConfigFrom::Env, "poll-max-ms"),
            ["MSGCOMPOSE_REQREPLY_OVER_PUBSUB_POLL_MAX_MS", "MSGCOMPOSE_POLL_MAX_MS"]
        );
        assert_eq!(names(ConfigFrom::Env, "client.shop.base-url")[1], "MSGCOMPOSE_CLIENT_SHOP_BASE_URL");
        assert_eq!(
            names(ConfigFrom::Host, "poll-max-ms"),
            ["reqreply_over_pubsub_poll_max_ms", "reqreply-over-pubsub.poll-max-ms", "poll_max_ms", "poll-max-ms",]
        );
        assert_eq!(
            names(ConfigFrom::Host, "bucket"),
            ["reqreply_over_pubsub_bucket", "reqreply-over-pubsub.bucket", "bucket"]
        );
        assert_eq!(names(ConfigFrom::Baked, "bucket"), [""; 0]);
    }
}
