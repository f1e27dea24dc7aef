//! Bindings to the part's world.

#[cfg(not(feature = "streams"))]
wit_bindgen::generate!({
    path: ["../../../wit/messaging", "../../../wit/wasmcloud-in-hand", "../../../wit/wasmcloud-messaging"],
    inline: "
        package msgcompose:wasmcloud-interceptor;
        world interceptor {
            import msgcompose:wasmcloud/in-hand@0.1.0;
            import wasmcloud:messaging/handler@0.2.0;
            export wasi:messaging/incoming-handler@0.2.0-draft;
        }
    ",
    world: "msgcompose:wasmcloud-interceptor/interceptor",
    with: { "wasi:messaging/types@0.2.0-draft": imports::messaging::types },
    generate_all,
});

#[cfg(feature = "streams")]
wit_bindgen::generate!({
    path: ["../../../wit/messaging-mixed", "../../../wit/wasmcloud-in-hand", "../../../wit/wasmcloud-messaging-p3"],
    inline: "
        package msgcompose:wasmcloud-interceptor;
        world interceptor {
            import msgcompose:wasmcloud/in-hand-async@0.1.0;
            import wasmcloud:messaging/handler@0.3.0;
            export wasi:messaging/incoming-handler@0.2.0-draft;
        }
    ",
    world: "msgcompose:wasmcloud-interceptor/interceptor",
    with: { "wasi:messaging/types@0.2.0-draft": imports::messaging::types },
    generate_all,
});
