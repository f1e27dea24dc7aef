//! Stands between the baked options of an adapter and its parts: what is set in the environment, or in the host's
//! `wasi:config/store`, goes over what is baked.
//!
//! A value that composing would refuse is an error here too, and so is an option that has no value at all. The error
//! reaches whoever called the guest, or the guest itself, so it shows nothing of the value.
#![no_std]

extern crate alloc;
extern crate runtime;

mod bindings;

use alloc::{borrow::ToOwned, string::String};
use bindings::{
    exports::wasi::config::store::{Error, Guest},
    msgcompose::config::baked,
};
use msgcompose_options::{Options, get, merge};

struct Layer;

bindings::export!(Layer with_types_in bindings);

impl Guest for Layer {
    fn get(key: String) -> Result<Option<String>, Error> {
        Ok(get(&options()?, &key).map(str::to_owned))
    }

    fn get_all() -> Result<Options, Error> {
        options()
    }
}

fn options() -> Result<Options, Error> {
    let baked = baked::get_all().unwrap_or_default();
    let merged = merge(&baked, &set()?, PLACE);
    #[cfg(feature = "trace")]
    tell(&baked, merged.as_ref());
    merged.map_err(Error::Upstream)
}

/// Says what is set at run time, or why it is refused. Values are left out, because they may be secrets.
#[cfg(feature = "trace")]
fn tell(baked: &Options, merged: Result<&Options, &String>) {
    use trace::trace;

    match merged {
        Ok(options) => options.iter().filter(|option| !baked.contains(option)).for_each(|(name, _)| {
            trace!("set at run time: ", name);
        }),
        Err(reason) => trace!("refused: ", reason),
    }
}

#[cfg(feature = "env")]
const PLACE: [&str; 2] = ["", ""];

#[cfg(feature = "env")]
fn set() -> Result<Options, Error> {
    Ok(bindings::wasi::cli::environment::get_environment())
}

#[cfg(feature = "host")]
const PLACE: [&str; 2] = ["`", "` in wasi:config/store"];

#[cfg(feature = "host")]
fn set() -> Result<Options, Error> {
    use bindings::wasi::config::store;

    store::get_all().map_err(|error| match error {
        store::Error::Upstream(text) => Error::Upstream(text),
        store::Error::Io(text) => Error::Io(text),
    })
}
