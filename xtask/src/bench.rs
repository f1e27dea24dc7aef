//! Benches measure figures against a named reference in the same run. They write a page, compare two trees, or show that
//! they work. No time makes them fail.

mod brokers;
mod calls;
mod chart;
mod cold;
mod compare;
mod compose;
mod composed;
mod generated;
mod growth;
mod http;
mod link;
mod machine;
mod mailbox;
mod markdown;
mod names;
mod page;
mod process;
mod section;
mod setting;
mod starting;
mod statistics;
mod table;
mod tried;
mod uplift;
mod worker;

use self::{
    names::SectionName,
    setting::{Effort, Instruments, Setting},
};
use anyhow::Result;
use clap::{Args, ValueEnum};
use std::{
    path::{Path, PathBuf},
    rc::Rc,
    time::Instant,
};

/// What is measured, and what becomes of it.
#[derive(Debug, Default, Args)]
pub struct Options {
    /// Measure one section and print it; by default all, into `docs/benchmarks.md`
    section: Option<SectionName>,
    /// Measure each table once, with the programs of the tests, and print no figures
    #[arg(long)]
    small: bool,
    /// Measure two checkouts in the same rounds, and print for each figure whether it is faster or slower. With
    /// `--small`, their programs must be there, as `cargo test` builds them
    #[arg(long, num_args = 2, value_names = ["OLD", "NEW"])]
    compare: Option<Vec<PathBuf>>,
}

impl Options {
    /// Measures everything once.
    pub fn small() -> Self {
        Self { small: true, ..Self::default() }
    }
}

/// Measures what the options say.
pub fn run(root: &Path, options: &Options) -> Result<()> {
    let effort = if options.small { Effort::Small } else { Effort::Full };
    let folder = tempfile::tempdir()?;
    let instruments = Rc::new(Instruments::new(root, effort, &folder.path().join("instruments"))?);
    let setting = |tree: &Path, name: &str| Setting::new(tree, &instruments, effort, &folder.path().join(name));
    let names = options.section.map_or_else(|| SectionName::value_variants().to_vec(), |one| vec![one]);
    if let Some([old, new]) = options.compare.as_deref() {
        let (old, new) = (old.canonicalize()?, new.canonicalize()?);
        let trees = [setting(&old, "old")?, setting(&new, "new")?];
        return names.iter().try_for_each(|name| compare::run(&trees, *name));
    }
    let setting = setting(root, "tree")?;
    if options.small {
        return names.iter().try_for_each(|name| once(&setting, *name));
    }
    match options.section {
        Some(name) => page::print(&setting, name),
        None => page::write(&setting),
    }
}

/// Measures each table of a section once, and makes text and pictures of it. Figures say nothing, so none are printed.
fn once(setting: &Setting, name: SectionName) -> Result<()> {
    let start = Instant::now();
    let section = page::Measured::of(setting, name)?;
    let (tables, figures) = section.size();
    section.charts()?;
    section.text()?;
    println!("{}: {tables} tables, {figures} figures, {:.1} s", name.name(), start.elapsed().as_secs_f64());
    Ok(())
}
