//! Bindings to the worlds of the parts.

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

#[cfg(feature = "outside")]
generate!("msgcompose:link-bridge/outside");
#[cfg(feature = "door")]
generate!("msgcompose:link-bridge/door");
#[cfg(all(feature = "inbound", not(feature = "replying")))]
generate!("msgcompose:link-bridge/inbound");
#[cfg(feature = "replying")]
generate!("msgcompose:link-bridge/inbound-replying");
