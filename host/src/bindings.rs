//! Bindings generated from the WIT: the host's functions, and the exports that it calls.
#![allow(missing_docs, clippy::pedantic, reason = "generated; the WIT has the documentation")]

wasmtime::component::bindgen!({
    path: "../wit/messaging",
    inline: "
        package msgcompose:host;
        world messaging {
            import wasi:messaging/types@0.2.0-draft;
            import wasi:messaging/producer@0.2.0-draft;
            export wasi:messaging/incoming-handler@0.2.0-draft;
        }
    ",
    world: "msgcompose:host/messaging",
    imports: { default: async | trappable },
    exports: { default: async },
    with: {
        "wasi:messaging/types.client": crate::client::Client,
        "wasi:messaging/types.message": crate::broker::Message,
    },
});

pub mod draft {
    wasmtime::component::bindgen!({
        path: "../wit/keyvalue",
        inline: "
            package msgcompose:host;
            world keyvalue {
                import wasi:keyvalue/store@0.2.0-draft;
                import wasi:keyvalue/atomics@0.2.0-draft;
            }
        ",
        world: "msgcompose:host/keyvalue",
        imports: { default: async | trappable },
        with: { "wasi:keyvalue/store.bucket": crate::keyvalue::Bucket },
    });
}

pub mod draft2 {
    wasmtime::component::bindgen!({
        path: "../wit/keyvalue-draft2",
        inline: "
            package msgcompose:host;
            world keyvalue {
                import wasi:keyvalue/store@0.2.0-draft2;
                import wasi:keyvalue/atomics@0.2.0-draft2;
            }
        ",
        world: "msgcompose:host/keyvalue",
        imports: { default: async | trappable },
        with: { "wasi:keyvalue/store.bucket": crate::keyvalue::Bucket },
    });
}

pub mod config {
    wasmtime::component::bindgen!({
        path: "../wit/config",
        inline: "
            package msgcompose:host;
            world config {
                import wasi:config/store@0.2.0-rc.1;
            }
        ",
        world: "msgcompose:host/config",
        imports: { default: async | trappable },
    });
}
