//! Bindings to the part's world. The receiver exports neither `producer` nor `request`, so it fits only guests that do
//! not send.

macro_rules! generate {
    ($messaging:tt, $world:tt) => {
        wit_bindgen::generate!({
            path: ["../../../wit/io", "../../../wit/clocks", "../../../wit/http", $messaging, "../../../wit/http-exchange"],
            inline: $world,
            world: "msgcompose:http-provider/provider",
            with: {
                "wasi:clocks/monotonic-clock@0.2.0": imports::clocks::monotonic_clock,
                "wasi:http/types@0.2.0": imports::http::types,
                "wasi:io/error@0.2.0": imports::stream::error,
                "wasi:io/poll@0.2.0": imports::io::poll,
                "wasi:io/streams@0.2.0": imports::stream::streams,
            },
            generate_all,
        });
    };
}

#[cfg(feature = "sender")]
generate!(
    "../../../wit/messaging",
    "
        package msgcompose:http-provider;
        world provider {
            export wasi:messaging/types@0.2.0-draft;
            export wasi:messaging/producer@0.2.0-draft;
            export wasi:messaging/request-reply@0.2.0-draft;
            export msgcompose:http/exchange@0.1.0;
        }
    "
);
#[cfg(not(feature = "sender"))]
generate!(
    "receiver.wit",
    "
        package msgcompose:http-provider;
        world provider {
            export wasi:messaging/types@0.2.0-draft;
            export wasi:messaging/request-reply@0.2.0-draft;
            export msgcompose:http/exchange@0.1.0;
        }
    "
);
