//! Bindings to the worlds of the parts.

#[cfg(not(feature = "tasks"))]
macro_rules! generate {
    ($world:tt) => {
        wit_bindgen::generate!({
            path: ["../../../wit/messaging", "../../../wit/link"],
            inline: "
                package msgcompose:link-bridge;
                world outside {
                    import wasi:messaging/producer@0.2.0-draft;
                    import wasi:messaging/request-reply@0.2.0-draft;
                    export msgcompose:link/outside@0.1.0;
                }
                world door {
                    import msgcompose:link/bus@0.1.0;
                    import wasi:messaging/incoming-handler@0.2.0-draft;
                    export msgcompose:link/inside@0.1.0;
                }
                world inbound {
                    import msgcompose:link/inside@0.1.0;
                    export wasi:messaging/incoming-handler@0.2.0-draft;
                }
                world inbound-replying {
                    include inbound;
                    import wasi:messaging/request-reply@0.2.0-draft;
                }
            ",
            world: $world,
            generate_all,
        });
    };
}

#[cfg(feature = "tasks")]
macro_rules! generate_async {
    ($messaging:tt, $world:tt) => {
        wit_bindgen::generate!({
            path: [$messaging, "../../../wit/link"],
            inline: "
                package msgcompose:link-bridge;
                world outside {
                    import wasi:messaging/producer@0.2.0-draft;
                    import wasi:messaging/request-reply@0.2.0-draft;
                    export msgcompose:link/outside-async@0.1.0;
                }
                world door {
                    import msgcompose:link/bus-async@0.1.0;
                    import wasi:messaging/incoming-handler@0.2.0-draft;
                    export msgcompose:link/inside-async@0.1.0;
                }
                world inbound {
                    import msgcompose:link/inside-async@0.1.0;
                    export wasi:messaging/incoming-handler@0.2.0-draft;
                }
                world inbound-replying {
                    include inbound;
                    import wasi:messaging/request-reply@0.2.0-draft;
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
        generate_async!("../../../wit/messaging-async", $world);
        #[cfg(feature = "mixed")]
        generate_async!("../../../wit/messaging-mixed", $world);
        #[cfg(not(feature = "tasks"))]
        generate!($world);
    };
}

#[cfg(feature = "outside")]
of_features!("msgcompose:link-bridge/outside");
#[cfg(feature = "door")]
of_features!("msgcompose:link-bridge/door");
#[cfg(all(feature = "inbound", not(feature = "replying")))]
of_features!("msgcompose:link-bridge/inbound");
#[cfg(feature = "replying")]
of_features!("msgcompose:link-bridge/inbound-replying");
