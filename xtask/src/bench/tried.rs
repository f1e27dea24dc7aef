//! The section `tried`: what Binaryen or an engine would make of a composition. Composing has neither, so this is only here.

mod modules;

use super::{
    http::{self, SMALL},
    process::{Server, output},
    section::Section,
    setting::Setting,
    starting::{HTTP_ECHO, made},
    table::{Chart, Kind, Metric, Sample, Subject, Table},
    worker::Worker,
};
use crate::toolchain::PROPOSALS;
use anyhow::{Context, Result};
use modules::{each_module, pre_initialised, with_options};
use std::{fs, path::Path, path::PathBuf, process::Command, rc::Rc};

/// The section.
pub const SECTION: Section =
    Section { title: "Tried: an optimiser and an engine at composing time", text: "", why: "", tables: &[echo] };

/// What is done to the core modules of a composition.
type Step = fn(&Path, Vec<Vec<u8>>) -> Result<Vec<Vec<u8>>>;

/// The duration of a round of instances in milliseconds.
const ROUND: u64 = 30;

/// What is made of the delivered composition.
const VARIANTS: [(&str, &[Step]); 6] = [
    ("delivered", &[]),
    ("`wasm-opt -O3`", &[fast]),
    ("`wasm-opt -O4`", &[fastest]),
    ("initialised beforehand", &[initialised]),
    ("initialised, `wasm-opt -O4`", &[initialised, fastest]),
    ("four options of nine", &[few_options]),
];

fn fast(folder: &Path, modules: Vec<Vec<u8>>) -> Result<Vec<Vec<u8>>> {
    modules.into_iter().map(|module| wasm_opt(folder, &module, &["-O3", "--converge"])).collect()
}

fn fastest(folder: &Path, modules: Vec<Vec<u8>>) -> Result<Vec<Vec<u8>>> {
    let passes = ["-O4", "--converge", "--directize", "--precompute-propagate", "--memory-packing"];
    modules.into_iter().map(|module| wasm_opt(folder, &module, &passes)).collect()
}

fn initialised(_: &Path, mut modules: Vec<Vec<u8>>) -> Result<Vec<Vec<u8>>> {
    pre_initialised(&mut modules)?;
    Ok(modules)
}

/// The options whose values an echo shows; the others may be empty.
const NEEDED: [&str; 4] = ["ce-source", "ce-type", "default-timeout-ms", "max-body-bytes"];

fn few_options(_: &Path, mut modules: Vec<Vec<u8>>) -> Result<Vec<Vec<u8>>> {
    with_options(&mut modules, &NEEDED)?;
    Ok(modules)
}

fn wasm_opt(folder: &Path, module: &[u8], passes: &[&str]) -> Result<Vec<u8>> {
    let [from, to] = ["module.wasm", "module.opt.wasm"].map(|name| folder.join(name));
    fs::write(&from, module)?;
    output(Command::new("wasm-opt").args(passes).args(PROPOSALS).arg(&from).arg("-o").arg(&to))
        .context("this section needs `binaryen`")?;
    Ok(fs::read(to)?)
}

fn variants(setting: &Setting) -> Result<Vec<(&'static str, PathBuf)>> {
    let delivered = fs::read(made(setting, HTTP_ECHO[1])?)?;
    let folder = setting.result("tried");
    fs::create_dir_all(&folder)?;
    let mut paths = Vec::new();
    for (number, (name, steps)) in VARIANTS.iter().enumerate() {
        let mut component = delivered.clone();
        for step in *steps {
            component = each_module(&component, |modules| step(&folder, modules))?;
        }
        let path = folder.join(format!("{number}.wasm"));
        fs::write(&path, component)?;
        paths.push((*name, path));
    }
    Ok(paths)
}

fn echo(setting: &Setting) -> Result<Table> {
    let worker = Worker::start(setting)?;
    let variants = variants(setting)?;
    let mut subjects = Vec::new();
    for (case, options) in [("fresh", &[][..]), ("used again", &["--max-instance-reuse-count", "1000"])] {
        for (name, path) in &variants {
            let server = Rc::new(Server::wasmtime(&setting.instruments.wasmtime, options, path)?);
            let mut load = http::subject(setting, name, &server, SMALL, 4);
            let (worker, path, milliseconds) = (worker.clone(), path.clone(), setting.pick(ROUND, 1).to_string());
            subjects.push(Subject::new(case, *name, move || {
                let loaded = (load.measure)()?;
                let made = worker.measure(&["starting", &path.display().to_string(), "pool", &milliseconds])?;
                let size = f64::from(u32::try_from(fs::metadata(&path)?.len())?);
                let values = vec![loaded.values[0], loaded.values[1], made[0], made[1], size];
                Ok(Sample { values, latencies: Vec::new() })
            }));
        }
    }
    Ok(Table {
        title: "The echo over HTTP",
        about: "64 bytes, 4 connections, with a fresh instance for each request and with instances used again.",
        case: "instances",
        metrics: vec![
            Metric::related("requests/s", Kind::Rate),
            Metric::related("server's CPU µs", Kind::Time),
            Metric::related("instantiating, ns", Kind::Time),
            Metric::plain("resident bytes", Kind::Size),
            Metric::plain("bytes", Kind::Size),
        ],
        rounds: setting.pick(9, 1),
        subjects,
        chart: Chart::Bars,
    })
}
