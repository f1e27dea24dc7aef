use super::{
    error::Result,
    io,
    style::{self, FAINT, HEADING, line},
};
use crate::hosts::profile::{self, Offer, Profile};
use clap::Args;
use serde::Serialize;
use std::fmt::Write;

/// List the hosts, or describe one: what it calls, which instance takes a call, and what it offers
#[derive(Debug, Args)]
#[command(after_help = concat!("\
Examples:
  # all hosts that msgcompose knows
  msgcompose hosts

  # one of them, with the source of every fact
  msgcompose hosts wasmtime-serve

", super::exit_status!()))]
pub struct Hosts {
    /// The host to describe
    #[arg(value_name = "NAME")]
    host: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

impl Hosts {
    /// Prints all profiles, or one.
    pub fn run(self) -> Result<()> {
        let hosts = match &self.host {
            Some(host) => vec![profile::get(host)?],
            None => profile::names().map(|name| Ok(profile::get(name)?)).collect::<Result<_>>()?,
        };
        let _: () = match (self.json, &self.host) {
            (true, _) => style::print(&io::json("hosts", &Profiles { hosts: &hosts })?)?,
            (false, Some(_)) => style::show(&describe(&hosts[0])?)?,
            (false, None) => style::show(&list(&hosts)?)?,
        };
        Ok(())
    }
}

fn list(hosts: &[Profile]) -> Result<String> {
    let mut text = String::new();
    for host in hosts {
        line!(text, "{HEADING}{}{HEADING:#}  {}", host.name, host.summary)?;
        calls(&mut text, host, false)?;
    }
    Ok(text)
}

fn describe(host: &Profile) -> Result<String> {
    let mut text = String::new();
    line!(text, "{HEADING}{}{HEADING:#}  {}", host.name, host.summary)?;
    line!(text, "  {}, as of {}", host.version, host.day)?;
    line!(text, "{HEADING}calls{HEADING:#}")?;
    calls(&mut text, host, true)?;
    line!(text, "{HEADING}offers{HEADING:#}")?;
    for offer in &host.offers {
        let Offer { package, interfaces, without, is_async, flag, caveat, source, .. } = offer;
        let only = if interfaces.is_empty() { String::new() } else { format!(", only {}", interfaces.join(", ")) };
        let lacked = if without.is_empty() { String::new() } else { format!(", without {}", without.join(", ")) };
        let kind = if *is_async { ", as async functions" } else { "" };
        let flag = flag.as_ref().map(|flag| format!(", with `{flag}`")).unwrap_or_default();
        line!(text, "  {package}{only}{lacked}{kind}{flag}")?;
        if let Some(caveat) = caveat {
            line!(text, "    {caveat}")?;
        }
        line!(text, "    {FAINT}{source}{FAINT:#}")?;
    }
    if !host.lacks.is_empty() {
        line!(text, "{HEADING}lacks{HEADING:#}")?;
    }
    for lack in &host.lacks {
        let what = lack.package.as_ref().or(lack.duty.as_ref()).map_or("", String::as_str);
        line!(text, "  {what}: {}", lack.instead)?;
        line!(text, "    {FAINT}{}{FAINT:#}", lack.source)?;
    }
    Ok(text)
}

/// Adds a line for each way in which the host calls an export.
fn calls(text: &mut String, host: &Profile, has_sources: bool) -> Result<()> {
    for call in &host.calls {
        let flag = call.flag.as_ref().map(|flag| format!(", with `{flag}`")).unwrap_or_default();
        let state = if call.instances.keeps_state() { "; state stays from call to call" } else { "" };
        line!(text, "  {}: {}{flag}{state}", call.interface, call.instances)?;
        if has_sources {
            line!(text, "    {FAINT}{}{FAINT:#}", call.source)?;
        }
    }
    Ok(())
}

#[derive(Serialize)]
struct Profiles<'a> {
    hosts: &'a [Profile],
}
