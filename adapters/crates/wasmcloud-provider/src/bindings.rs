//! Bindings to the part's world. The publisher exports `consumer` without `request`, so it fits only guests that do not
//! request.

macro_rules! generate {
    ($wasmcloud:tt) => {
        wit_bindgen::generate!({
            path: ["../../../wit/messaging", "../../../wit/wasmcloud-in-hand", $wasmcloud],
            inline: "
                package msgcompose:wasmcloud-provider;
                world provider {
                    import wasi:messaging/request-reply@0.2.0-draft;
                    export msgcompose:wasmcloud/in-hand@0.1.0;
                    export wasmcloud:messaging/types@0.2.0;
                    export wasmcloud:messaging/consumer@0.2.0;
                }
            ",
            world: "msgcompose:wasmcloud-provider/provider",
            with: {
                "wasi:messaging/types@0.2.0-draft": imports::messaging::types,
                "wasi:messaging/request-reply@0.2.0-draft": generate,
            },
        });
    };
}

#[cfg(feature = "requester")]
generate!("../../../wit/wasmcloud-messaging");
#[cfg(not(feature = "requester"))]
generate!("publisher.wit");
