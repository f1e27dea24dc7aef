//! Bindings to the part's world. The receiver exports neither `producer` nor `request`, so it fits only guests that do
//! not send.

#[cfg(not(feature = "p3"))]
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

#[cfg(all(feature = "sender", not(feature = "p3")))]
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
#[cfg(not(any(feature = "sender", feature = "p3")))]
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

#[cfg(feature = "p3")]
macro_rules! generate_p3 {
    ($messaging:tt, $world:tt) => {
        wit_bindgen::generate!({
            path: ["../../../wit/http-p3", $messaging, "../../../wit/http-exchange-p3"],
            inline: $world,
            world: "msgcompose:http-provider/provider",
            runtime_path: "tasks",
            // These never wait, so they need no task. Their types are async nevertheless.
            async: [
                "-export:wasi:messaging/request-reply@0.2.0-draft#reply",
                "-export:wasi:messaging/types@0.2.0-draft#[static]client.connect",
            ],
            with: { "wasi:http/types@0.3.0": imports::over_http_p3::types },
            generate_all,
        });
    };
}

#[cfg(all(feature = "sender", feature = "p3"))]
generate_p3!(
    "../../../wit/messaging-async",
    "
        package msgcompose:http-provider;
        world provider {
            export wasi:messaging/types@0.2.0-draft;
            export wasi:messaging/producer@0.2.0-draft;
            export wasi:messaging/request-reply@0.2.0-draft;
            export msgcompose:http/exchange-async@0.1.0;
        }
    "
);
#[cfg(all(not(feature = "sender"), feature = "p3"))]
generate_p3!(
    "receiver-async.wit",
    "
        package msgcompose:http-provider;
        world provider {
            export wasi:messaging/types@0.2.0-draft;
            export wasi:messaging/request-reply@0.2.0-draft;
            export msgcompose:http/exchange-async@0.1.0;
        }
    "
);
