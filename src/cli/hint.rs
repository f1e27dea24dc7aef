//! Remedies as hints: settings are worded as flags, or as keys of a project file, and commands as what is typed.

use crate::common::{
    quote::quoted,
    remedy::{Command, Piece, Remedy, Setting},
};
use std::fmt::Display;
use toml::Value;

/// How a hint names settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wording {
    /// As flags of a command.
    Flags,
    /// As keys of a composition in a project file.
    Keys,
}

impl Wording {
    /// A remedy in these words.
    pub fn hint(self, remedy: &Remedy) -> String {
        let piece = |piece: &Piece| match (self, piece) {
            (_, Piece::Text(text)) => text.to_string(),
            (_, Piece::Run(command)) => run(command),
            (Self::Flags, Piece::Pass(setting)) => request_by_flag(setting),
            (Self::Flags, Piece::Either([one, other])) => format!("pass either `{}` or `{}`", flag(one), flag(other)),
            (Self::Flags, Piece::Name(settings)) => format!("`{}`", flags(settings)),
            (Self::Keys, Piece::Pass(setting)) => request_by_key(setting),
            (Self::Keys, Piece::Either([one, other])) => format!("keep either {} or {}", entry(one), entry(other)),
            (Self::Keys, Piece::Name(settings)) => settings.iter().map(entry).collect::<Vec<_>>().join(" and "),
        };
        remedy.pieces().iter().map(piece).collect()
    }
}

fn request_by_flag(setting: &Setting) -> String {
    match setting {
        Setting::Adapters(names) if names.is_empty() => "pass the adapter by `--adapter`".to_owned(),
        Setting::Adapters(_) => format!("add `{}`", flag(setting)),
        Setting::AnyAdapter(what) => format!("pass `--adapter` {what}"),
        _ => format!("pass `{}`", flag(setting)),
    }
}

fn request_by_key(setting: &Setting) -> String {
    let key = key(setting);
    match setting {
        Setting::Adapters(names) if names.is_empty() => format!("name the adapter in `{key}`"),
        Setting::AnyAdapter(what) => format!("name {what} in `{key}`"),
        Setting::Variable(_) => format!("pass `{key}`"),
        _ => match items(setting) {
            Some(items) => format!("add {items} to `{key}`"),
            None => format!("set `{key}`"),
        },
    }
}

/// A setting as a flag.
fn flag(setting: &Setting) -> String {
    match setting {
        Setting::Adapters(names) if names.is_empty() => "--adapter".to_owned(),
        Setting::Adapters(names) => names.iter().map(|name| format!("--adapter {name}")).collect::<Vec<_>>().join(" "),
        Setting::AnyAdapter(_) => "--adapter PATH".to_owned(),
        Setting::Option { adapter: None, name } => format!("--set {name}=…"),
        Setting::Option { adapter: Some(adapter), name } => format!("--set {adapter}.{name}=…"),
        Setting::Value { name, value } => format!("--set {name}={value}"),
        Setting::Secret(option) => format!("--secret {option}"),
        Setting::BakeSecrets => "--bake-secrets".to_owned(),
        Setting::ConfigFrom(place) => format!("--config-from {place}"),
        Setting::AllowedImport(import) => format!("--no-imports-except {import}"),
        Setting::Dialect(None) => "--dialect".to_owned(),
        Setting::Dialect(Some(dialect)) => format!("--dialect {dialect}"),
        Setting::UnroutedToHost => "--unrouted host".to_owned(),
        Setting::Handler { file, has_several: false } => format!("--handler 'PATTERN={file}'"),
        Setting::Handler { file, has_several: true } => format!("--handler 'PATTERN,PATTERN={file}'"),
        Setting::Variable(name) => format!("--var {name}=…"),
    }
}

/// Settings as the flags of one command.
fn flags(settings: &[Setting]) -> String {
    settings.iter().map(flag).collect::<Vec<_>>().join(" ")
}

/// What a setting adds to a list of a composition; none if it is no list.
fn items(setting: &Setting) -> Option<String> {
    match setting {
        Setting::Adapters(items) if !items.is_empty() => Some(quoted(items.iter().map(text), ", ")),
        Setting::Secret(item) | Setting::AllowedImport(item) => Some(quoted([text(item)], "")),
        _ => None,
    }
}

/// A setting as it stands in a composition.
fn entry(setting: &Setting) -> String {
    let key = key(setting);
    items(setting).map_or_else(|| format!("`{key}`"), |items| format!("{items} in `{key}`"))
}

/// The key of a setting, with its value as far as that is known and no item of a list. A variable is no key: it is given
/// to the command.
fn key(setting: &Setting) -> String {
    let handlers = |patterns: &[&str], file: &String| {
        format!("handlers = [{{ topics = {}, file = {} }}]", Value::from(patterns.to_vec()), text(file))
    };
    match setting {
        Setting::Adapters(_) | Setting::AnyAdapter(_) => "adapters".to_owned(),
        Setting::Option { adapter: None, name } => format!("options.{}", bare(name)),
        Setting::Option { adapter: Some(adapter), name } => format!("options.{}.{}", bare(adapter), bare(name)),
        Setting::Value { name, value } => format!("options.{} = {}", bare(name), text(value)),
        Setting::Secret(_) => "secrets".to_owned(),
        Setting::BakeSecrets => "bake-secrets = true".to_owned(),
        Setting::ConfigFrom(place) => format!("config-from = {}", text(place)),
        Setting::AllowedImport(_) => "no-imports-except".to_owned(),
        Setting::Dialect(None) => "dialect".to_owned(),
        Setting::Dialect(Some(dialect)) => format!("dialect = {}", text(dialect)),
        Setting::UnroutedToHost => "unrouted = \"host\"".to_owned(),
        Setting::Handler { file, has_several: false } => handlers(&["PATTERN"], file),
        Setting::Handler { file, has_several: true } => handlers(&["PATTERN", "PATTERN"], file),
        Setting::Variable(_) => flag(setting),
    }
}

/// A text as TOML has it.
fn text(text: impl Display) -> String {
    Value::from(text.to_string()).to_string()
}

/// A key as TOML has it: in quotes where it has a dot.
fn bare(key: &str) -> String {
    let is_bare = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if !key.is_empty() && key.chars().all(is_bare) { key.to_owned() } else { text(key) }
}

/// A command as it is typed, in backticks.
fn run(command: &Command) -> String {
    match command {
        Command::Adapters { adapter, is_own: false } => format!("`msgcompose adapters {adapter}`"),
        Command::Adapters { adapter, is_own: true } => {
            format!("`msgcompose adapters`, with the path of `{adapter}`,")
        }
        Command::Inspect { file } => format!("`msgcompose inspect {file}`"),
        Command::Check { file, host } => format!("`msgcompose check {file} --host {host}`"),
        Command::Plug { file: None, settings } => format!("`plug … {}`", flags(settings)),
        Command::Plug { file: Some(file), settings } => {
            format!("`msgcompose plug {file} {}`", flags(settings))
        }
        Command::Uplift { file, dialect } => format!("`msgcompose uplift {file} --dialect {dialect}`"),
        Command::Link => "`msgcompose link`".to_owned(),
        Command::Build { is_unlocked: false } => "`msgcompose build`".to_owned(),
        Command::Build { is_unlocked: true } => "`msgcompose build` without `--locked`".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Wording, run};
    use crate::common::remedy::{Command, Remedy, Setting};

    #[expect(clippy::needless_pass_by_value, reason = "it is made for this")]
    fn hint(wording: Wording, remedy: Remedy) -> String {
        wording.hint(&remedy)
    }

    /// Of each setting: a request and its name as flags, and as keys.
    #[test]
    #[expect(clippy::too_many_lines, reason = "it is a table")]
    fn settings_are_worded_as_flags_and_as_keys() {
        let text = str::to_owned;
        let of_one = Setting::Option { adapter: Some(text("one.wasm")), name: text("level") };
        let handler = |has_several| Setting::Handler { file: text("h.wasm"), has_several };
        let cases: [(Setting, [&str; 4]); 16] = [
            (
                Setting::Adapters(Vec::new()),
                ["pass the adapter by `--adapter`", "`--adapter`", "name the adapter in `adapters`", "`adapters`"],
            ),
            (
                Setting::adapter("a"),
                ["add `--adapter a`", "`--adapter a`", "add `\"a\"` to `adapters`", "`\"a\"` in `adapters`"],
            ),
            (
                Setting::Adapters(vec![text("a"), text("b")]),
                [
                    "add `--adapter a --adapter b`",
                    "`--adapter a --adapter b`",
                    "add `\"a\"`, `\"b\"` to `adapters`",
                    "`\"a\"`, `\"b\"` in `adapters`",
                ],
            ),
            (
                Setting::AnyAdapter(text("a component")),
                ["pass `--adapter` a component", "`--adapter PATH`", "name a component in `adapters`", "`adapters`"],
            ),
            (
                Setting::option("header.a"),
                [
                    "pass `--set header.a=…`",
                    "`--set header.a=…`",
                    "set `options.\"header.a\"`",
                    "`options.\"header.a\"`",
                ],
            ),
            (
                of_one,
                [
                    "pass `--set one.wasm.level=…`",
                    "`--set one.wasm.level=…`",
                    "set `options.\"one.wasm\".level`",
                    "`options.\"one.wasm\".level`",
                ],
            ),
            (
                Setting::Secret(text("o")),
                ["pass `--secret o`", "`--secret o`", "add `\"o\"` to `secrets`", "`\"o\"` in `secrets`"],
            ),
            (
                Setting::BakeSecrets,
                ["pass `--bake-secrets`", "`--bake-secrets`", "set `bake-secrets = true`", "`bake-secrets = true`"],
            ),
            (
                Setting::config_from("env"),
                [
                    "pass `--config-from env`",
                    "`--config-from env`",
                    "set `config-from = \"env\"`",
                    "`config-from = \"env\"`",
                ],
            ),
            (
                Setting::AllowedImport(text("a:b/c")),
                [
                    "pass `--no-imports-except a:b/c`",
                    "`--no-imports-except a:b/c`",
                    "add `\"a:b/c\"` to `no-imports-except`",
                    "`\"a:b/c\"` in `no-imports-except`",
                ],
            ),
            (Setting::Dialect(None), ["pass `--dialect`", "`--dialect`", "set `dialect`", "`dialect`"]),
            (
                Setting::dialect("mixed"),
                ["pass `--dialect mixed`", "`--dialect mixed`", "set `dialect = \"mixed\"`", "`dialect = \"mixed\"`"],
            ),
            (
                Setting::UnroutedToHost,
                ["pass `--unrouted host`", "`--unrouted host`", "set `unrouted = \"host\"`", "`unrouted = \"host\"`"],
            ),
            (
                handler(false),
                [
                    "pass `--handler 'PATTERN=h.wasm'`",
                    "`--handler 'PATTERN=h.wasm'`",
                    "set `handlers = [{ topics = [\"PATTERN\"], file = \"h.wasm\" }]`",
                    "`handlers = [{ topics = [\"PATTERN\"], file = \"h.wasm\" }]`",
                ],
            ),
            (
                handler(true),
                [
                    "pass `--handler 'PATTERN,PATTERN=h.wasm'`",
                    "`--handler 'PATTERN,PATTERN=h.wasm'`",
                    "set `handlers = [{ topics = [\"PATTERN\", \"PATTERN\"], file = \"h.wasm\" }]`",
                    "`handlers = [{ topics = [\"PATTERN\", \"PATTERN\"], file = \"h.wasm\" }]`",
                ],
            ),
            (Setting::Variable(text("v")), ["pass `--var v=…`", "`--var v=…`", "pass `--var v=…`", "`--var v=…`"]),
        ];
        for (setting, expected) in cases {
            let words = [Wording::Flags, Wording::Keys].map(|wording| {
                let request = hint(wording, Remedy::new().pass(setting.clone()));
                [request, hint(wording, Remedy::new().name(setting.clone()))]
            });
            assert_eq!(words.concat(), expected);
        }
    }

    #[test]
    fn settings_that_belong_together_or_exclude_one_another_are_worded_so() {
        let (option, secret) = (Setting::option("o"), Setting::Secret("o".to_owned()));
        let both = Remedy::from("by ").names([secret.clone(), Setting::config_from("env")]).text(" (or `host`)");
        assert_eq!(hint(Wording::Flags, both.clone()), "by `--secret o --config-from env` (or `host`)");
        assert_eq!(hint(Wording::Keys, both), "by `\"o\"` in `secrets` and `config-from = \"env\"` (or `host`)");
        let either = Remedy::new().either(option, secret);
        assert_eq!(hint(Wording::Flags, either.clone()), "pass either `--set o=…` or `--secret o`");
        assert_eq!(hint(Wording::Keys, either), "keep either `options.o` or `\"o\"` in `secrets`");
    }

    #[test]
    fn commands_are_worded_as_they_are_typed() {
        let file = || "f.wasm".to_owned();
        let settings = || vec![Setting::adapter("a"), Setting::dialect("mixed")];
        let adapters = |is_own| Command::Adapters { adapter: "a".to_owned(), is_own };
        let cases: [(Command, &str); 10] = [
            (adapters(false), "`msgcompose adapters a`"),
            (adapters(true), "`msgcompose adapters`, with the path of `a`,"),
            (Command::Inspect { file: file() }, "`msgcompose inspect f.wasm`"),
            (Command::Check { file: file(), host: "h".to_owned() }, "`msgcompose check f.wasm --host h`"),
            (Command::Plug { file: None, settings: settings() }, "`plug … --adapter a --dialect mixed`"),
            (
                Command::Plug { file: Some(file()), settings: settings() },
                "`msgcompose plug f.wasm --adapter a --dialect mixed`",
            ),
            (
                Command::Uplift { file: file(), dialect: "async".to_owned() },
                "`msgcompose uplift f.wasm --dialect async`",
            ),
            (Command::Link, "`msgcompose link`"),
            (Command::Build { is_unlocked: false }, "`msgcompose build`"),
            (Command::Build { is_unlocked: true }, "`msgcompose build` without `--locked`"),
        ];
        for (command, expected) in cases {
            assert_eq!(run(&command), expected);
        }
    }
}
