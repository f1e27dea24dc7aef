//! How much is said, and with `--verbose` how long each stage took: the clock is here, for the library knows none.

use super::{
    error::Result,
    style::{self, FAINT},
};
use clap::Args;
use std::{fmt::Display, time::Instant};

/// How much is said.
#[derive(Debug, Clone, Copy, Default, Args)]
pub struct Verbosity {
    /// Say nothing but errors
    #[arg(short, long, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Say how long each stage took, and all that is known of each import
    #[arg(short, long)]
    pub verbose: bool,
}

impl Verbosity {
    /// Does one stage.
    pub fn timed<T>(self, stage: &str, run: impl FnOnce() -> Result<T>) -> Result<T> {
        self.stages(|stages| {
            stages.enter(stage);
            run()
        })
    }

    /// Does several stages; `run` says when each begins.
    pub fn stages<T>(self, run: impl FnOnce(&mut Stages) -> T) -> T {
        run(&mut Stages { are_told: self.verbose, current: None })
    }
}

/// The stages of a command. Each is told when it is done, and the last when this is dropped: also one that failed.
pub struct Stages {
    are_told: bool,
    current: Option<(String, Instant)>,
}

impl Stages {
    /// Ends the stage that runs, and begins another.
    pub fn enter(&mut self, stage: impl Display) {
        if self.are_told {
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
