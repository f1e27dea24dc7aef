//! Bindings generated from the WIT. Each call of a host function is announced, so that it can be counted.
#![allow(missing_docs, clippy::pedantic, reason = "generated; the WIT has the documentation")]

wasmtime::component::bindgen!({
    path: "../wit/messaging",
    inline: "
        package msgcompose:bench;
        world messaging {
            import wasi:messaging/types@0.2.0-draft;
            import wasi:messaging/producer@0.2.0-draft;
            import wasi:messaging/request-reply@0.2.0-draft;
            export wasi:messaging/incoming-handler@0.2.0-draft;
        }
    ",
    world: "msgcompose:bench/messaging",
    imports: { "wasi:messaging/producer.send": async | trappable | tracing, default: trappable | tracing },
    exports: { default: async },
    with: {
        "wasi:messaging/types.client": crate::host::Client,
        "wasi:messaging/types.message": crate::message::Message,
        "wasi:messaging/request-reply.request-options": crate::host::Options,
    },
});

pub mod keyvalue {
    wasmtime::component::bindgen!({
        path: "../wit/keyvalue",
        inline: "
            package msgcompose:bench;
            world keyvalue {
                import wasi:keyvalue/store@0.2.0-draft;
                import wasi:keyvalue/atomics@0.2.0-draft;
            }
        ",
        world: "msgcompose:bench/keyvalue",
        imports: { default: trappable | tracing },
        with: { "wasi:keyvalue/store.bucket": crate::keyvalue::Bucket },
    });
}

pub mod wasmcloud {
    wasmtime::component::bindgen!({
        path: "../wit/wasmcloud-messaging",
        world: "messaging",
        imports: { default: trappable | tracing },
        exports: { default: async },
    });
}
