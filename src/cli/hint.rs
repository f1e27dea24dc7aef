//! Remedies as hints: settings are worded as flags, or as keys of a project file, and commands as what is typed.

mod flags;
mod keys;

use crate::common::remedy::{Command, Piece, Remedy};
use flags::{flag, flags};
use keys::entry;

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
            (Self::Flags, Piece::Pass(setting)) => flags::request(setting),
            (Self::Flags, Piece::Either([one, other])) => format!("pass either `{}` or `{}`", flag(one), flag(other)),
            (Self::Flags, Piece::Name(settings)) => format!("`{}`", flags(settings)),
            (Self::Keys, Piece::Pass(setting)) => keys::request(setting),
            (Self::Keys, Piece::Either([one, other])) => format!("keep either {} or {}", entry(one), entry(other)),
            (Self::Keys, Piece::Name(settings)) => settings.iter().map(entry).collect::<Vec<_>>().join(" and "),
        };
        remedy.pieces().iter().map(piece).collect()
    }
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
    fn settings_are_worded_as_flags_and_as_keys() {
        let text = str::to_owned;
        let of_one = Setting::Option { adapter: Some(text("one.wasm")), name: text("level") };
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
                Setting::DeliverToApp,
                ["pass `--deliver app`", "`--deliver app`", "set `deliver = \"app\"`", "`deliver = \"app\"`"],
            ),
            (
                Setting::Handler { file: text("h.wasm") },
                [
                    "pass `--handler 'PATTERN=h.wasm'`",
                    "`--handler 'PATTERN=h.wasm'`",
                    "set `handlers = [{ topics = [\"PATTERN\"], file = \"h.wasm\" }]`",
                    "`handlers = [{ topics = [\"PATTERN\"], file = \"h.wasm\" }]`",
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
