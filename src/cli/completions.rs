use super::{Cli, error::Result, style};
use clap::{Args, CommandFactory};
use clap_complete::Shell;

/// Print a script that completes commands and options in a shell
#[derive(Debug, Args)]
#[command(after_help = concat!("\
Examples:
  # for this session of bash
  source <(msgcompose completions bash)

  # for all sessions of fish, and of zsh
  msgcompose completions fish > ~/.config/fish/completions/msgcompose.fish
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
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), env!("CARGO_PKG_NAME"), &mut script);
        Ok(style::print(&String::from_utf8(script)?)?)
    }
}
