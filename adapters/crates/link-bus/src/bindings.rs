//! Bindings to the part's world.

#[cfg(not(feature = "async"))]
wit_bindgen::generate!({
    path: ["messaging.wit", "../../../wit/link"],
    inline: "
        package msgcompose:link-bus;
        world bus {
            export wasi:messaging/types@0.2.0-draft;
            export wasi:messaging/request-reply@0.2.0-draft;
            export msgcompose:link/contents@0.1.0;
            export msgcompose:link/bus@0.1.0;
            export msgcompose:link/chain@0.1.0;
        }
    ",
    world: "msgcompose:link-bus/bus",
    generate_all,
});

// Nothing waits in the bus, so its functions are sync code, also under async types.
#[cfg(feature = "async")]
wit_bindgen::generate!({
    path: ["messaging-async.wit", "../../../wit/link"],
    inline: "
        package msgcompose:link-bus;
        world bus {
            export wasi:messaging/types@0.2.0-draft;
            export wasi:messaging/request-reply@0.2.0-draft;
            export msgcompose:link/contents@0.1.0;
            export msgcompose:link/bus-async@0.1.0;
            export msgcompose:link/chain-async@0.1.0;
        }
    ",
    world: "msgcompose:link-bus/bus",
    async: false,
    generate_all,
});

#[cfg(not(feature = "async"))]
pub use exports::msgcompose::link::bus;
#[cfg(feature = "async")]
pub use exports::msgcompose::link::bus_async as bus;
