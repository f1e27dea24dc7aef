//! A process that measures calls and instances, one at a time, so that rounds can be interleaved.

use super::setting::Setting;
use anyhow::{Context, Result, bail};
use std::{
    cell::RefCell,
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdin, ChildStdout, Stdio},
    rc::Rc,
};

/// The process. It ends when this is dropped.
#[derive(Clone)]
pub struct Worker(Rc<RefCell<Process>>);

struct Process {
    child: Child,
    to: Option<ChildStdin>,
    from: BufReader<ChildStdout>,
}

impl Drop for Process {
    fn drop(&mut self) {
        // It ends when there are no more lines.
        self.to.take();
        let _ = self.child.wait();
    }
}

impl Worker {
    /// Starts the process.
    pub fn start(setting: &Setting) -> Result<Self> {
        let mut command = setting.bench("worker");
        command.env_remove("RUST_BACKTRACE").stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().with_context(|| format!("failed to start `{command:?}`"))?;
        let to = child.stdin.take();
        let from = BufReader::new(child.stdout.take().context("it has an output")?);
        Ok(Self(Rc::new(RefCell::new(Process { child, to, from }))))
    }

    /// Measures what a line says, and returns the numbers.
    pub fn measure(&self, words: &[&str]) -> Result<Vec<f64>> {
        let mut process = self.0.borrow_mut();
        let line = words.join("\t");
        writeln!(process.to.as_mut().context("it is running")?, "{line}")?;
        let mut answer = String::new();
        process.from.read_line(&mut answer)?;
        let answer = answer.trim_end();
        let numbers: Result<Vec<f64>, _> = answer.split(' ').map(str::parse).collect();
        match numbers {
            Ok(numbers) if !answer.is_empty() => Ok(numbers),
            _ => bail!("`{}`: {answer}", line.replace('\t', " ")),
        }
    }
}
