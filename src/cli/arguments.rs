//! The command line as a reproduction records it: without values that may be secret.

use crate::{
    adapters::{adapter::Adapter, catalogue, settings::is_public},
    compose::record::{Composition, Loaded},
};
use std::borrow::Cow;

/// Hides what may be secret in the arguments and messages of a composition.
pub struct Hiding<'a> {
    adapters: Cow<'a, [Adapter]>,
    at_run_time: &'a [String],
    /// The values of options that are not known to be public.
    values: Vec<&'a str>,
}

impl<'a> Hiding<'a> {
    /// Finds the values of a composition that must not be shown.
    pub fn of(composition: &'a Composition<Loaded<'_>>) -> Self {
        let adapters = &composition.adapters;
        let adapters = if adapters.is_empty() { catalogue::all().into() } else { adapters[..].into() };
        let mut hiding = Self { adapters, at_run_time: &composition.secrets, values: Vec::new() };
        let in_file = composition.config.iter().flat_map(|config| &config.options);
        for option in in_file.chain(&composition.options) {
            let key = option.adapter.iter().chain([&option.key]).cloned().collect::<Vec<_>>().join(".");
            if !option.value.is_empty() && !hiding.is_public(&key) {
                hiding.values.push(&option.value);
            }
        }
        hiding
    }

    fn is_public(&self, key: &str) -> bool {
        is_public(&self.adapters, self.at_run_time, key)
    }

    /// Returns a message without values.
    pub fn message(&self, message: &str) -> String {
        self.values.iter().fold(message.to_owned(), |message, value| message.replace(value, "…"))
    }

    /// Returns the arguments without values that may be secret: those of such options and of all variables.
    pub fn arguments(&self, arguments: impl IntoIterator<Item = String>) -> Vec<String> {
        let mut flag = String::new();
        let mut shown = Vec::new();
        for argument in arguments {
            let own = ["--set=", "--var=", "-D"].into_iter().find(|own| argument.starts_with(own) && argument != *own);
            let (start, setting) = argument.split_at(own.map_or(0, str::len));
            let hidden = match (own.unwrap_or(&flag), setting.split_once('=')) {
                ("--set" | "--set=", Some((key, _))) if self.is_public(key.trim()) => argument.clone(),
                ("--set" | "--set=" | "--var" | "--var=" | "-D", Some((key, _))) => format!("{start}{key}=…"),
                _ => argument.clone(),
            };
            shown.push(self.message(&hidden));
            flag = argument;
        }
        shown
    }
}

#[cfg(test)]
mod tests {
    use super::Hiding;
    use crate::{
        adapters::{catalogue, settings::Assignment},
        compose::record::Composition,
    };

    #[test]
    fn values_of_secrets_and_variables_are_hidden_in_every_form() {
        let adapter = catalogue::get("messaging-over-http").unwrap();
        let composition = Composition::new("g", &[][..])
            .adapter(adapter)
            .set("header.a", "t0p")
            .with(|all| all.secrets.push("ce-type".to_owned()))
            .with(|all| {
                let (adapter, key, value) = (Some("messaging-over-http".into()), "mode".into(), "raw".into());
                all.options.push(Assignment { adapter, key, value, file: None });
            });
        let hiding = Hiding::of(&composition);
        let arguments = [
            ["--set", "mode=raw"],
            ["--set", "messaging-over-http.mode=raw"],
            ["--set", "header.a=t0p"],
            ["--set", "messaging-over-http.header.a=x=y"],
            ["--set", "ce-type=x"],
            ["--set", "none=x"],
            ["--set=header.b=x", "--set=mode=raw"],
            ["--var", "a=x"],
            ["-D", "a=x"],
            ["-Da=x", "--var=a=x"],
            ["--handler", "a=b.wasm"],
            ["plug", "t0p"],
        ];
        let shown = hiding.arguments(arguments.iter().flatten().map(ToString::to_string));
        let expected = [
            ["--set", "mode=raw"],
            ["--set", "messaging-over-http.mode=raw"],
            ["--set", "header.a=…"],
            ["--set", "messaging-over-http.header.a=…"],
            ["--set", "ce-type=…"],
            ["--set", "none=…"],
            ["--set=header.b=…", "--set=mode=raw"],
            ["--var", "a=…"],
            ["-D", "a=…"],
            ["-Da=…", "--var=a=…"],
            ["--handler", "a=b.wasm"],
            ["plug", "…"],
        ];
        assert_eq!(shown, expected.concat());
        assert_eq!(hiding.message("failed: t0p, mode raw"), "failed: …, mode raw");
    }
}
