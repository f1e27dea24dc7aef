//! Bindings to the part's world. The router also imports the guest's HTTP handler.

#[cfg(not(feature = "p3"))]
macro_rules! generate {
    ($world:tt) => {
        wit_bindgen::generate!({
            path: [
                "../../../wit/io",
                "../../../wit/clocks",
                "../../../wit/http",
                "../../../wit/messaging",
                "../../../wit/http-exchange",
            ],
            inline: "
                package msgcompose:http-interceptor;
                world interceptor {
                    import msgcompose:http/exchange@0.1.0;
                    import wasi:messaging/incoming-handler@0.2.0-draft;
                    export wasi:http/incoming-handler@0.2.0;
                }
                world router {
                    include interceptor;
                    import wasi:http/incoming-handler@0.2.0;
                }
            ",
            world: $world,
            with: {
                "wasi:clocks/monotonic-clock@0.2.0": imports::clocks::monotonic_clock,
                "wasi:http/types@0.2.0": imports::http::types,
                "wasi:io/error@0.2.0": imports::stream::error,
                "wasi:io/poll@0.2.0": imports::io::poll,
                "wasi:io/streams@0.2.0": imports::stream::streams,
                "wasi:messaging/types@0.2.0-draft": imports::messaging::types,
            },
            generate_all,
        });
    };
}

#[cfg(feature = "p3")]
macro_rules! generate {
    ($world:tt) => {
        wit_bindgen::generate!({
            path: ["../../../wit/http-p3", "../../../wit/messaging-async", "../../../wit/http-exchange-p3"],
            inline: "
                package msgcompose:http-interceptor;
                world interceptor {
                    import msgcompose:http/exchange-async@0.1.0;
                    import wasi:messaging/incoming-handler@0.2.0-draft;
                    export wasi:http/handler@0.3.0;
                }
                world router {
                    include interceptor;
                    import wasi:http/handler@0.3.0;
                }
            ",
            world: $world,
            with: {
                "wasi:http/types@0.3.0": imports::over_http_p3::types,
                "wasi:messaging/types@0.2.0-draft": imports::messaging::types,
            },
            generate_all,
        });
    };
}

#[cfg(not(feature = "router"))]
generate!("msgcompose:http-interceptor/interceptor");
#[cfg(feature = "router")]
generate!("msgcompose:http-interceptor/router");
