//! Bindings to the interfaces that the parts import. They are generated once, so that all crates share their types.
//!
//! A part imports only the functions that it calls.
#![no_std]
#![allow(missing_docs, reason = "generated; the WIT has the documentation")]

extern crate alloc;

#[cfg(not(feature = "messaging-async"))]
wit_bindgen::generate!({
    path: ["../../../wit/io", "../../../wit/clocks", "../../../wit/random", "../../../wit/config", "../../../wit/messaging"],
    inline: "
        package msgcompose:imports;
        world host {
            import wasi:messaging/types@0.2.0-draft;
            import wasi:messaging/producer@0.2.0-draft;
            import wasi:clocks/monotonic-clock@0.2.0;
            import wasi:clocks/wall-clock@0.2.0;
            import wasi:random/random@0.2.0;
            import wasi:config/store@0.2.0-rc.1;
        }
    ",
    world: "msgcompose:imports/host",
    generate_all,
});

#[cfg(feature = "messaging-async")]
wit_bindgen::generate!({
    path: ["../../../wit/io", "../../../wit/clocks", "../../../wit/random", "../../../wit/config", "../../../wit/messaging-async"],
    inline: "
        package msgcompose:imports;
        world host {
            import wasi:messaging/types@0.2.0-draft;
            import wasi:messaging/producer@0.2.0-draft;
            import wasi:clocks/monotonic-clock@0.2.0;
            import wasi:clocks/wall-clock@0.2.0;
            import wasi:random/random@0.2.0;
            import wasi:config/store@0.2.0-rc.1;
        }
    ",
    world: "msgcompose:imports/host",
    generate_all,
});

pub use wasi::{clocks, config, io, messaging, random};

#[cfg(feature = "keyvalue-draft")]
mod draft {
    wit_bindgen::generate!({
        path: "../../../wit/keyvalue",
        inline: "
            package msgcompose:imports;
            world keyvalue {
                import wasi:keyvalue/store@0.2.0-draft;
                import wasi:keyvalue/atomics@0.2.0-draft;
            }
        ",
        world: "msgcompose:imports/keyvalue",
        generate_all,
    });
}

#[cfg(feature = "keyvalue-draft2")]
mod draft2 {
    wit_bindgen::generate!({
        path: "../../../wit/keyvalue-draft2",
        inline: "
            package msgcompose:imports;
            world keyvalue {
                import wasi:keyvalue/store@0.2.0-draft2;
                import wasi:keyvalue/atomics@0.2.0-draft2;
            }
        ",
        world: "msgcompose:imports/keyvalue",
        generate_all,
    });
}

#[cfg(feature = "keyvalue-draft")]
pub use draft::wasi::keyvalue;
#[cfg(feature = "keyvalue-draft2")]
pub use draft2::wasi::keyvalue;

/// Clocks of WASI 0.3. A task can wait for them while other tasks run.
#[cfg(feature = "clocks-p3")]
mod p3 {
    wit_bindgen::generate!({
        path: "../../../wit/clocks-p3",
        inline: "
            package msgcompose:imports;
            world clocks-p3 {
                import wasi:clocks/monotonic-clock@0.3.0;
                import wasi:clocks/system-clock@0.3.0;
            }
        ",
        world: "msgcompose:imports/clocks-p3",
        generate_all,
    });
}

#[cfg(feature = "clocks-p3")]
pub use p3::wasi::clocks as clocks_p3;

#[cfg(feature = "http")]
mod over_http {
    wit_bindgen::generate!({
        path: ["../../../wit/io", "../../../wit/clocks", "../../../wit/http"],
        inline: "
            package msgcompose:imports;
            world http {
                import wasi:http/types@0.2.0;
                import wasi:http/outgoing-handler@0.2.0;
            }
        ",
        world: "msgcompose:imports/http",
        with: {
            "wasi:io/poll@0.2.0": crate::io::poll,
            "wasi:clocks/monotonic-clock@0.2.0": crate::clocks::monotonic_clock,
        },
        generate_all,
    });
}

#[cfg(feature = "http")]
pub use over_http::wasi::{http, io as stream};

/// HTTP of WASI 0.3.
#[cfg(feature = "http-p3")]
mod http_p3 {
    wit_bindgen::generate!({
        path: "../../../wit/http-p3",
        inline: "
            package msgcompose:imports;
            world http-p3 {
                import wasi:http/types@0.3.0;
                import wasi:http/client@0.3.0;
            }
        ",
        world: "msgcompose:imports/http-p3",
        generate_all,
    });
}

#[cfg(feature = "http-p3")]
pub use http_p3::wasi::http as over_http_p3;

/// Random numbers of WASI 0.3.
#[cfg(feature = "random-p3")]
mod random_p3_world {
    wit_bindgen::generate!({
        path: "../../../wit/random-p3",
        inline: "
            package msgcompose:imports;
            world random-p3 {
                import wasi:random/random@0.3.0;
            }
        ",
        world: "msgcompose:imports/random-p3",
        generate_all,
    });
}

#[cfg(feature = "random-p3")]
pub use random_p3_world::wasi::random as random_p3;
