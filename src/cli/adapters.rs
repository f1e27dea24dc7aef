use super::{
    error::Result,
    io,
    style::{self, FAINT, HEADING, line},
};
use crate::adapters::{adapter::Adapter, catalogue};
use clap::Args;
use serde::Serialize;
use std::{fmt::Write, path::Path};

/// List the adapters, or describe one: its parts, its options, and what it needs from the host
#[derive(Debug, Args)]
#[command(after_help = concat!("\
Examples:
  # all adapters that come with msgcompose
  msgcompose adapters

  # one of them, or one of your own
  msgcompose adapters messaging-over-http
  msgcompose adapters ./mine/

", super::exit_status!()))]
pub struct Adapters {
    /// The adapter to describe: a name or a path
    #[arg(value_name = "NAME|PATH")]
    adapter: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

impl Adapters {
    /// Prints the catalogue, or one adapter.
    pub fn run(self) -> Result<()> {
        let adapters = match &self.adapter {
            Some(adapter) => vec![io::adapter(adapter, Path::new(""))?],
            None => catalogue::names().map(|name| Ok(catalogue::get(name)?)).collect::<Result<_>>()?,
        };
        let _: () = match (self.json, &self.adapter) {
            (true, _) => style::print(&io::json("adapters", &Catalogue { adapters: &adapters })?)?,
            (false, Some(_)) => style::show(&describe(&adapters[0])?)?,
            (false, None) => style::show(&list(&adapters)?)?,
        };
        Ok(())
    }
}

fn list(adapters: &[Adapter]) -> Result<String> {
    let mut text = String::new();
    let width = adapters.iter().map(|adapter| adapter.name.len()).max().unwrap_or(0);
    for adapter in adapters {
        line!(text, "{HEADING}{:width$}{HEADING:#}  {}", adapter.name, adapter.summary)?;
    }
    Ok(text)
}

fn describe(adapter: &Adapter) -> Result<String> {
    let mut text = String::new();
    line!(text, "{HEADING}{}{HEADING:#}", adapter.name)?;
    line!(text, "  {}", adapter.summary)?;
    line!(text, "{HEADING}parts{HEADING:#}")?;
    for part in &adapter.parts {
        line!(text, "  {}: {}", part.name, part.help)?;
    }
    line!(text, "{HEADING}options{HEADING:#}")?;
    for option in &adapter.options {
        let default = match &option.default {
            Some(default) => format!("default {default}"),
            None if option.is_required() => "required".to_owned(),
            None => "any number of them".to_owned(),
        };
        let secret = if option.secret { "; secret" } else { "" };
        line!(text, "  {HEADING}{}{HEADING:#}  {FAINT}{}; {default}{secret}{FAINT:#}", option.name, option.kind)?;
        line!(text, "      {}", option.help)?;
    }
    if !adapter.duties.is_empty() {
        line!(text, "{HEADING}the host must{HEADING:#}")?;
        for duty in &adapter.duties {
            let of = duty.in_place_of.as_ref().map_or_else(String::new, |kind| format!(", in place of `{kind}`"));
            line!(text, "  {} {FAINT}(with part {}{of}){FAINT:#}", duty.text, duty.with.join(" or "))?;
        }
    }
    Ok(text)
}

#[derive(Serialize)]
struct Catalogue<'a> {
    adapters: &'a [Adapter],
}
