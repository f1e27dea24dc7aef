//! Bindings to the part's world. The publisher exports `consumer` without `request`, so it fits only guests that do not
//! request.

macro_rules! generate {
    ($messaging:tt, $wasmcloud:tt, $version:tt) => {
        wit_bindgen::generate!({
            path: [$messaging, "../../../wit/wasmcloud-in-hand", $wasmcloud],
            inline: $version,
            world: "msgcompose:wasmcloud-provider/provider",
            with: {
                "wasi:messaging/types@0.2.0-draft": imports::messaging::types,
                "wasi:messaging/request-reply@0.2.0-draft": generate,
            },
        });
    };
}

#[cfg(not(feature = "streams"))]
macro_rules! sync {
    ($wasmcloud:tt) => {
        generate!(
            "../../../wit/messaging",
            $wasmcloud,
            "
                package msgcompose:wasmcloud-provider;
                world provider {
                    import wasi:messaging/request-reply@0.2.0-draft;
                    export msgcompose:wasmcloud/in-hand@0.1.0;
                    export wasmcloud:messaging/types@0.2.0;
                    export wasmcloud:messaging/consumer@0.2.0;
                }
            "
        );
    };
}

#[cfg(all(feature = "requester", not(feature = "streams")))]
sync!("../../../wit/wasmcloud-messaging");
#[cfg(not(feature = "requester"))]
sync!("publisher.wit");

#[cfg(feature = "streams")]
generate!(
    "../../../wit/messaging-mixed",
    "../../../wit/wasmcloud-messaging-p3",
    "
        package msgcompose:wasmcloud-provider;
        world provider {
            import wasi:messaging/request-reply@0.2.0-draft;
            export msgcompose:wasmcloud/in-hand-async@0.1.0;
            export wasmcloud:messaging/types@0.3.0;
            export wasmcloud:messaging/consumer@0.3.0;
        }
    "
);
