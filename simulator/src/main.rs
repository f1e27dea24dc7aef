//! `cargo xtask simulate`.

use clap::Parser;
use msgcompose_simulator::{
    check_world, check_worlds, command,
    faults::{Class, Guest, Mailbox, Release, Wanted},
    parts,
};
use std::process::ExitCode;

/// Runs request/reply in simulated worlds, and checks its guarantees.
///
/// Each seed draws one world. Worlds run until there were enough requests; each has 30 to 120.
#[derive(Parser)]
#[command(name = "simulate")]
struct Cli {
    /// The seed of the first world; a fresh one if not given
    #[arg(long)]
    seed: Option<u64>,
    /// The number of requests
    #[arg(long, default_value_t = 20_000)]
    requests: u64,
    /// How worlds break: `a` or `b`
    #[arg(long)]
    class: Option<Class>,
    /// Where replies meet requests: `draft`, `draft2`, `mixed` or `async`
    #[arg(long)]
    mailbox: Option<Mailbox>,
    /// The guest that makes requests: `sync` or `async`; an async one has its mailbox in memory
    #[arg(long)]
    guest: Option<Guest>,
    /// The build of the components: `today`, `before` or `mixed`
    #[arg(long)]
    release: Option<Release>,
    /// Print the history of the first world, and what the seed drew
    #[arg(long)]
    history: bool,
    /// Print only the table
    #[arg(long)]
    quiet: bool,
    /// Write the components of today to `previous`
    #[arg(long)]
    keep: bool,
}

fn main() -> anyhow::Result<ExitCode> {
    let cli = Cli::parse();
    if cli.keep {
        parts::keep()?;
        return Ok(ExitCode::SUCCESS);
    }
    let seed = cli.seed.unwrap_or_else(|| u64::from(std::process::id()) << 20);
    let wanted = Wanted { class: cli.class, mailbox: cli.mailbox, guest: cli.guest, release: cli.release };
    if cli.history {
        let (run, violations) = check_world(seed, wanted)?;
        print!("{:#?}\n{}", run.plan, run.history);
        for violation in &violations {
            println!("{}: {}", violation.rule, violation.text);
        }
        return Ok(if violations.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE });
    }
    println!("seed {seed}");
    let tally = check_worlds(seed, cli.requests, wanted, |run, violations| {
        if !cli.quiet {
            let lines = violations.iter().map(|violation| format!("  {}: {}\n", violation.rule, violation.text));
            print!("{}\n{}", command(run.plan.seed, wanted), lines.collect::<String>());
        }
    })?;
    print!("{tally}");
    Ok(if tally.violations().next().is_none() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
