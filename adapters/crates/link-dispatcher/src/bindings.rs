//! Bindings to the worlds of the part.

#[cfg(not(feature = "async"))]
macro_rules! generate {
    ($world:tt) => {
        wit_bindgen::generate!({
            path: ["../../../wit/messaging", "../../../wit/link"],
            inline: "
                package msgcompose:link-dispatcher;
                world end {
                    import msgcompose:link/bus@0.1.0;
                    export wasi:messaging/producer@0.2.0-draft;
                    export wasi:messaging/request-reply@0.2.0-draft;
                }
                world end-host {
                    include end;
                    import msgcompose:link/outside@0.1.0;
                }
                world dispatcher {
                    include end;
                    import wasi:messaging/incoming-handler@0.2.0-draft;
                    import msgcompose:link/chain@0.1.0;
                    export msgcompose:link/chain@0.1.0;
                }
                world dispatcher-host {
                    include dispatcher;
                    import msgcompose:link/outside@0.1.0;
                }
            ",
            world: $world,
            generate_all,
        });
    };
}

#[cfg(feature = "async")]
macro_rules! generate_async {
    ($world:tt) => {
        wit_bindgen::generate!({
            path: ["../../../wit/messaging-async", "../../../wit/link"],
            inline: "
                package msgcompose:link-dispatcher;
                world end {
                    import msgcompose:link/bus-async@0.1.0;
                    export wasi:messaging/producer@0.2.0-draft;
                    export wasi:messaging/request-reply@0.2.0-draft;
                }
                world end-host {
                    include end;
                    import msgcompose:link/outside-async@0.1.0;
                }
                world dispatcher {
                    include end;
                    import wasi:messaging/incoming-handler@0.2.0-draft;
                    import msgcompose:link/chain-async@0.1.0;
                    export msgcompose:link/chain-async@0.1.0;
                }
                world dispatcher-host {
                    include dispatcher;
                    import msgcompose:link/outside-async@0.1.0;
                }
            ",
            world: $world,
            generate_all,
        });
    };
}

/// Generates the bindings to a world in the dialect that the features choose.
macro_rules! of_features {
    ($world:tt) => {
        #[cfg(feature = "async")]
        generate_async!($world);
        #[cfg(not(feature = "async"))]
        generate!($world);
    };
}

#[cfg(all(feature = "handler", feature = "host"))]
of_features!("msgcompose:link-dispatcher/dispatcher-host");
#[cfg(all(feature = "handler", not(feature = "host")))]
of_features!("msgcompose:link-dispatcher/dispatcher");
#[cfg(all(not(feature = "handler"), feature = "host"))]
of_features!("msgcompose:link-dispatcher/end-host");
#[cfg(not(any(feature = "handler", feature = "host")))]
of_features!("msgcompose:link-dispatcher/end");
