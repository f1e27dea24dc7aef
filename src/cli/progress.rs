//! How far a batch is: a bar on a terminal, a line for each guest elsewhere.

use super::style;
use kdam::{Animation, Bar, BarExt};
use std::io::{IsTerminal, stderr};

/// The progress of a batch.
pub enum Progress {
    Bar(Box<Bar>),
    Lines,
    Nothing,
}

impl Progress {
    /// For `total` guests.
    pub fn new(total: usize, quiet: bool) -> Self {
        if quiet {
            return Progress::Nothing;
        }
        if !stderr().is_terminal() {
            return Progress::Lines;
        }
        let mut bar = Bar::new(total);
        (bar.animation, bar.leave, bar.unit) = (Animation::TqdmAscii, false, " guests".to_owned());
        bar.dynamic_ncols = true;
        Progress::Bar(Box::new(bar))
    }

    /// One more is begun. A terminal that is gone is nobody's error.
    pub fn begin(&mut self, guest: &str) {
        if let Progress::Bar(bar) = self {
            bar.set_description(guest);
            let _ = bar.refresh();
        }
    }

    /// It is done, with this to say.
    pub fn done(&mut self, line: &str) {
        match self {
            Progress::Bar(bar) => drop(bar.update(1)),
            Progress::Lines => style::eprint(line),
            Progress::Nothing => {}
        }
    }

    /// All are done, with this to say.
    pub fn end(self, line: &str) {
        if let Progress::Bar(mut bar) = self {
            let _ = bar.clear();
            style::eprint(&format!("\r{line}"));
        }
    }
}
