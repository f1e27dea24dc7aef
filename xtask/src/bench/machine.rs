//! What the figures were measured on.

use super::{process::output, setting::Setting};
use crate::{
    tools::{JCO, NATS_SERVER, NODE},
    workspace,
};
use anyhow::{Context, Result};
use std::{fs, process::Command, thread};

/// Returns lines of the page: machine and versions.
pub fn lines(setting: &Setting) -> Result<Vec<String>> {
    let root = &setting.instruments.root;
    let git = |arguments: &[&str]| output(Command::new("git").args(arguments).current_dir(root));
    let commit = git(&["rev-parse", "--short=12", "HEAD"])?;
    let changed = if git(&["status", "--porcelain", "--untracked-files=no"])?.is_empty() { "" } else { " and changes" };
    let day = output(Command::new("date").args(["-u", "+%Y-%m-%d"]))?;
    let cpus = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model =
        cpus.lines().find_map(|line| line.strip_prefix("model name")?.split_once(':')).map(|(_, name)| name.trim());
    let memory = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let memory = memory.lines().find_map(|line| line.strip_prefix("MemTotal:")?.trim().strip_suffix(" kB"));
    let memory: f64 = memory.and_then(|kilobytes| kilobytes.trim().parse().ok()).unwrap_or_default();
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().unwrap_or_default().to_owned();
    let cores = thread::available_parallelism()?;
    let wasmtime = output(Command::new(&setting.instruments.wasmtime).arg("--version"))?;
    let rustc = output(workspace::clean_cargo().arg("--version"))?;
    let lock = fs::read_to_string(root.join("Cargo.lock"))?;
    let version = |name: &str| -> Result<String> {
        let entry = lock.split("[[package]]").find(|entry| entry.contains(&format!("name = \"{name}\"\n")));
        let line = entry.and_then(|entry| entry.lines().find_map(|line| line.strip_prefix("version = ")));
        Ok(line.with_context(|| format!("`{name}` is not in the lock"))?.trim_matches('"').to_owned())
    };
    Ok(vec![
        format!("- measured on {}, commit {}{changed}", day.trim(), commit.trim()),
        format!(
            "- {cores} cores of {}, {:.0} GB of memory; load when it began: {load}",
            model.unwrap_or("an unknown processor"),
            memory / 1e6
        ),
        format!("- {} ({}), built for release by {}", wasmtime.trim(), std::env::consts::ARCH, rustc.trim()),
        format!(
            "- wac-graph {}, wasm-compose {}, jco {}, node {}, async-nats {}, nats-server {}",
            version("wac-graph")?,
            version("wasm-compose")?,
            JCO.version,
            NODE.version,
            version("async-nats")?,
            NATS_SERVER.version
        ),
    ])
}
