//! How much to print. With `--verbose`, also how long each stage took; the clock is here because the library has none.

use super::{
    error::Result,
    style::{self, FAINT},
};
use clap::Args;
use std::{fmt::Display, time::Instant};

/// How much to print.
#[derive(Debug, Clone, Copy, Default, Args)]
pub struct Verbosity {
    /// Print nothing but errors
    #[arg(short, long, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Print how long each stage took, and explain each open import
    #[arg(short, long)]
    pub verbose: bool,
}

impl Verbosity {
    /// Runs one stage.
    pub fn timed<T>(self, stage: &str, run: impl FnOnce() -> Result<T>) -> Result<T> {
        self.stages(|stages| {
            stages.enter(stage);
            run()
        })
    }

    /// Runs several stages; `run` reports when each begins.
    pub fn stages<T>(self, run: impl FnOnce(&mut Stages) -> T) -> T {
        run(&mut Stages { is_verbose: self.verbose, current: None })
    }
}

/// Times the stages of a command. Prints each when it ends; dropping this ends the last one, even after a failure.
pub struct Stages {
    is_verbose: bool,
    current: Option<(String, Instant)>,
}

impl Stages {
    /// Ends the current stage and begins another.
    pub fn enter(&mut self, stage: impl Display) {
        if self.is_verbose {
            self.end();
            self.current = Some((stage.to_string(), Instant::now()));
        }
    }

    fn end(&mut self) {
        if let Some((stage, began)) = self.current.take() {
            let took = began.elapsed().as_secs_f64() * 1000.0;
            style::eprint(&format!("{FAINT}{took:9.2} ms  {stage}{FAINT:#}\n"));
        }
    }
}

impl Drop for Stages {
    fn drop(&mut self) {
        self.end();
    }
}
