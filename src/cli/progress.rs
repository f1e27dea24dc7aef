//! Shows the progress of a batch: a bar on a terminal, or else a line for each guest.

use super::style;
use crate::common::printable::printable;
use kdam::{Animation, Bar, BarExt};
use std::io::{IsTerminal, Write, stderr};

/// The progress of a batch.
pub enum Progress {
    Bar(Box<Bar>),
    Lines,
    Nothing,
}

impl Progress {
    /// Starts the progress of `total` guests.
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

    /// Shows that work on a guest begins. Errors of the terminal are ignored.
    pub fn begin(&mut self, guest: &str) {
        if let Progress::Bar(bar) = self {
            bar.set_description(printable(guest));
            let _ = bar.refresh();
        }
    }

    /// Counts a guest as finished and prints `line`, unless there is a bar.
    pub fn done(&mut self, line: &str) {
        match self {
            Progress::Bar(bar) => drop(bar.update(1)),
            Progress::Lines => style::eprint(line),
            Progress::Nothing => {}
        }
    }

    /// Ends the bar and prints `line`.
    pub fn end(self, line: &str) {
        if let Progress::Bar(mut bar) = self {
            let _ = bar.clear();
            // The line goes over what is left of the bar.
            let _ = stderr().write_all(b"\r");
            style::eprint(line);
        }
    }
}
