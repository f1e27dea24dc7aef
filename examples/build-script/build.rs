//! Composes a guest while the program is built.

use msgcompose::{Composition, catalogue};
use std::{env, error::Error, fs, fs::File, path::Path};

const GUEST: &str = "../../fixtures/prebuilt/pricer.wasm";

fn main() {
    println!("cargo::rerun-if-changed={GUEST}");
    if let Err(error) = compose() {
        // Every cause on a line of its own; cargo prints it as it prints its own errors.
        let mut cause = Some(&*error);
        while let Some(error) = cause {
            println!("cargo::error={}", error.to_string().replace('\n', " "));
            cause = error.source();
        }
        if let Some(hint) = error.downcast_ref().and_then(msgcompose::Error::hint) {
            println!("cargo::error=hint: {}", hint.replace('\n', " "));
        }
    }
}

fn compose() -> Result<(), Box<dyn Error>> {
    let mut composition = Composition::new(GUEST, fs::read(GUEST)?).adapter(catalogue::get("reqreply-over-pubsub")?);
    // An option of the build becomes one of the adapter.
    println!("cargo::rerun-if-env-changed=HEADERS");
    if let Ok(headers) = env::var("HEADERS") {
        composition = composition.set("headers", headers);
    }
    let composed = composition.compose()?;
    let out = Path::new(&env::var("OUT_DIR")?).join("app.wasm");
    composed.component.write_to(File::create(out)?)?;
    Ok(())
}
