//! Cold starts of whole hosts: from the start of the process until it has answered, or has ended.

use super::{
    composed::{HTTP_ECHO, made},
    process::{Background, Server, Usage, first_answer, free_address},
    setting::Setting,
    table::{Chart, Kind, Metric, Subject, Table},
};
use crate::tools::{JCO, NODE};
use anyhow::Result;
use std::{path::Path, process::Command, time::Instant};

/// `wasmtime serve`, with what it keeps in its cache and without.
pub fn wasmtime(setting: &Setting) -> Result<Table> {
    let mut subjects = Vec::new();
    for (case, options) in [("compiled then", &["-C", "cache=n"][..]), ("compiled before", &[])] {
        for composed in HTTP_ECHO {
            let (path, wasmtime) = (made(setting, *composed)?, setting.instruments.wasmtime.clone());
            subjects.push(Subject::new(case, composed.0, move || {
                let start = Instant::now();
                let server = Server::wasmtime(&wasmtime, options, &path)?;
                let took = first_answer(server.address)? - start;
                Ok([took.as_secs_f64() * 1e3, server.process.cpu()? / 1e3].into())
            }));
        }
    }
    Ok(Table {
        title: "Cold start of `wasmtime serve`",
        about: "From the start of the process until the first request is answered: with `-C cache=n`, so that it compiles, \
                and with what it keeps in its cache.",
        case: "component",
        metrics: vec![Metric::related("ms", Kind::Time), Metric::related("CPU ms", Kind::Time)],
        rounds: setting.pick(9, 1),
        subjects,
        chart: Chart::None,
    })
}

/// `jco serve` and `jco run`. They translate the component to JavaScript each time.
pub fn jco(setting: &Setting) -> Result<Table> {
    let (node, jco) = (NODE.get()?, JCO.get()?);
    let command = move |verb: &str, folder: &Path, component: &Path| {
        let mut command = Command::new(&node);
        command.arg(&jco).arg(verb).arg("--jco-dir").arg(folder).arg(component);
        command
    };
    let folder = setting.result("jco");
    let mut subjects = Vec::new();
    for composed in HTTP_ECHO {
        let (path, folder, command) = (made(setting, *composed)?, folder.clone(), command.clone());
        subjects.push(Subject::new("`jco serve`", composed.0, move || {
            let start = Instant::now();
            let address = free_address()?;
            let mut serve = command("serve", &folder, &path);
            serve.args(["--host", "127.0.0.1", "--port", &address.port().to_string()]);
            // It is two processes.
            let _server = Background::start_group(&mut serve)?;
            Ok([(first_answer(address)? - start).as_secs_f64() * 1e3].into())
        }));
    }
    for (name, path) in super::link::components(setting)? {
        let (folder, command, files) = (folder.clone(), command.clone(), setting.instruments.files.clone());
        subjects.push(Subject::new("`jco run`", name, move || {
            let mut run = command("run", &folder, &path);
            run.args(["echo", "1", "64"]);
            Ok([Usage::of(&files, &run)?.wall.as_secs_f64() * 1e3].into())
        }));
    }
    Ok(Table {
        title: "Cold start of jco",
        about: "`jco serve` from the start of the process until the first request is answered, and `jco run` until a program \
                ends that makes one request: a direct call, or to a guest that is linked. jco translates the component to \
                JavaScript each time.",
        case: "component",
        metrics: vec![Metric::related("ms", Kind::Time)],
        rounds: setting.pick(7, 1),
        subjects,
        chart: Chart::None,
    })
}
