//! The section `tried`: what Binaryen or an engine would make of a composition. Composing has neither, so this is only here.

mod modules;

use super::{
    composed::{HTTP_ECHO, made},
    http::{self, SMALL},
    process::{Server, output},
    section::Section,
    setting::Setting,
    table::{Chart, Kind, Metric, Sample, Subject, Table},
    worker::Worker,
};
use crate::toolchain::PROPOSALS;
use anyhow::{Context, Result};
use modules::{each_module, pre_initialised, with_options};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    rc::Rc,
};

/// The section.
pub const SECTION: Section = Section {
    title: "Tried: an optimiser and an engine at composing time",
    text: "Composing needs no optimiser and no engine. This section makes what they would make of the echo over HTTP. The \
           reference is the composition as it is delivered. `wasm-opt` optimises each core module again; `-O4` stands for \
           `-O4 --converge --directize --precompute-propagate --memory-packing`. *Initialised* gives the memory of each \
           part the data that its `start` function would copy: nothing else runs when an instance is made, so an engine's \
           snapshot would be the same. *Four options of nine* takes the baked options away that an echo does not show. \
           Nobody can deliver that, but it hints at what options that are constants of the code could gain.",
    why: "Parts are optimised when they are built, and most of a request's time is not in their code. A snapshot makes the \
          engine map a memory's data copy on write, which passive data is there to avoid. The tools do not take a \
          composition as it is: wizer 48 refuses components in a component (`nested components with modules not currently \
          supported`) and a part's main module alone (`imported memories are not supported`), and `wasm-ctor-eval` of Binaryen 108 refuses passive data (`stopping since could not flatten \
          memory`). Binaryen does not see options as constants: they are data of the memory module, their reader is in \
          the main module, and `wasm-opt` takes one module at a time; `wasm-merge` came with Binaryen 113.",
    tables: &[echo],
};

/// What is done to the core modules of a composition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// `wasm-opt` with these passes.
    Optimise(&'static [&'static str]),
    /// What an engine's snapshot gives.
    Initialise,
    /// Takes options away.
    FewOptions,
}

const FAST: Step = Step::Optimise(&["-O3", "--converge"]);
const FASTEST: Step =
    Step::Optimise(&["-O4", "--converge", "--directize", "--precompute-propagate", "--memory-packing"]);

/// What is made of the delivered composition.
const VARIANTS: [(&str, &[Step]); 6] = [
    ("delivered", &[]),
    ("`wasm-opt -O3`", &[FAST]),
    ("`wasm-opt -O4`", &[FASTEST]),
    ("initialised", &[Step::Initialise]),
    ("initialised, `wasm-opt -O4`", &[Step::Initialise, FASTEST]),
    ("four options of nine", &[Step::FewOptions]),
];

/// The options whose values an echo shows; the others may be empty.
const NEEDED: [&str; 4] = ["ce-source", "ce-type", "default-timeout-ms", "max-body-bytes"];

/// The duration of a round of instances in milliseconds.
const ROUND: u64 = 30;

impl Step {
    fn run(self, folder: &Path, mut modules: Vec<Vec<u8>>) -> Result<Vec<Vec<u8>>> {
        match self {
            Self::Optimise(passes) => return modules.iter().map(|module| wasm_opt(folder, module, passes)).collect(),
            Self::Initialise => pre_initialised(&mut modules)?,
            Self::FewOptions => with_options(&mut modules, &NEEDED)?,
        }
        Ok(modules)
    }
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
    // Tests do without Binaryen where no parts are built.
    let lacking = setting.is_small() && output(Command::new("wasm-opt").arg("--version")).is_err();
    if lacking {
        eprintln!("there is no `wasm-opt`, so `tried` leaves out what it makes");
    }
    let mut paths = Vec::new();
    for (number, (name, steps)) in VARIANTS.iter().enumerate() {
        if lacking && steps.iter().any(|step| matches!(step, Step::Optimise(_))) {
            continue;
        }
        let mut component = delivered.clone();
        for step in *steps {
            component = each_module(&component, |modules| step.run(&folder, modules))?;
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
    let ways = [("fresh", &[][..]), ("used again", &["--max-instance-reuse-count", "1000"])];
    for (case, options) in &ways[..setting.pick(2, 1)] {
        for (name, path) in &variants {
            let server = Rc::new(Server::wasmtime(&setting.instruments.wasmtime, options, path)?);
            let mut load = http::subject(setting, name, &server, SMALL, 4);
            let (worker, path, milliseconds) = (worker.clone(), path.clone(), setting.pick(ROUND, 1).to_string());
            subjects.push(Subject::new(*case, *name, move || {
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
        about: "64 bytes, 4 connections on `wasmtime serve`, with a fresh instance for each request and with instances used \
                again. Instantiating is measured apart, in a pool.",
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
