use super::{Cli, error::Result, style};
use crate::{
    adapters::{catalogue, option::OptionSpec},
    hosts::profile,
};
use clap::{Arg, Args, CommandFactory, builder::PossibleValue};
use clap_complete::Shell;
use std::collections::BTreeSet;

/// Print a script that completes commands, options, and the names of adapters and hosts in a shell
#[derive(Debug, Args)]
#[command(after_help = concat!("\
Examples:
  # for this session of bash
  source <(msgcompose completions bash)

  # for all sessions of fish
  mkdir -p ~/.config/fish/completions
  msgcompose completions fish > ~/.config/fish/completions/msgcompose.fish

  # for all sessions of zsh, if ~/.zfunc is in its fpath
  mkdir -p ~/.zfunc
  msgcompose completions zsh > ~/.zfunc/_msgcompose

", super::exit_status!()))]
pub struct Completions {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

impl Completions {
    /// Prints the completion script.
    pub fn run(&self) -> Result<()> {
        let names = Names::of_catalogue();
        let mut cli = Cli::command().mut_subcommands(|command| command.mut_args(|arg| names.given_to(arg)));
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut cli, env!("CARGO_PKG_NAME"), &mut script);
        Ok(style::print(&names.completed_in(self.shell, String::from_utf8(script)?))?)
    }
}

/// The names that values of arguments begin with. clap knows none of them: an adapter may also be a path, and an option
/// has a value.
struct Names {
    adapters: Vec<String>,
    hosts: Vec<String>,
    /// The options of all adapters, as `--secret` takes them.
    secrets: Vec<String>,
    /// The same, as `--set` takes them.
    settings: Vec<String>,
}

impl Names {
    fn of_catalogue() -> Self {
        // All members of an option family begin alike.
        let key = |option: &OptionSpec| option.name.split('<').next().unwrap_or_default().to_owned();
        let adapters = catalogue::all();
        let keys: BTreeSet<_> = adapters.iter().flat_map(|adapter| adapter.options.iter().map(key)).collect();
        let setting = |key: &String| if key.ends_with('.') { key.clone() } else { format!("{key}=") };
        Self {
            adapters: adapters.iter().map(|adapter| adapter.name.clone()).collect(),
            hosts: profile::names().map(str::to_owned).collect(),
            settings: keys.iter().map(setting).collect(),
            secrets: keys.into_iter().collect(),
        }
    }

    /// Gives an argument its names as possible values. This is for the script only: clap would take nothing else.
    fn given_to(&self, arg: Arg) -> Arg {
        let names = match arg.get_id().as_str() {
            "adapters" | "adapter" => &self.adapters,
            "host" | "hosts" => &self.hosts,
            "options" => &self.settings,
            "secrets" => &self.secrets,
            _ => return arg,
        };
        let names: Vec<_> = names.iter().map(|name| PossibleValue::new(&*name.clone().leak())).collect();
        arg.value_parser(names)
    }

    /// Completes what clap cannot say of values: that paths of adapters are files, and that a setting goes on behind its
    /// name. A script without such a place stays as it is: bash takes files if no name fits.
    fn completed_in(&self, shell: Shell, script: String) -> String {
        let (adapters, settings) = (self.adapters.join(" "), self.settings.join(" "));
        match shell {
            Shell::Bash => {
                let settings = format!("COMPREPLY=($(compgen -W \"{settings}\" -- \"${{cur}}\"))");
                script.replace(&settings, &format!("{settings}; compopt -o nospace"))
            }
            Shell::Zsh => script
                // Options may follow a guest: with two colons, nothing but guests would.
                .replace("'*::", "'*:")
                .replace(&format!(":({adapters})'"), &format!(":{{compadd {adapters}; _files}}'"))
                .replace(&format!(":({settings})'"), &format!(":{{compadd -S \"\" -- {settings}}}'")),
            Shell::Fish => {
                let is_adapter = |line: &str| line.contains(" -l adapter ");
                let lines = script.split_inclusive('\n');
                lines
                    .map(|line| if is_adapter(line) { line.replace(" -r -f ", " -r -F ") } else { line.to_owned() })
                    .collect()
            }
            _ => script,
        }
    }
}
