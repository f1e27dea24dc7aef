//! Bindings to the part's world.

#[cfg(all(feature = "keyvalue", not(feature = "in-place")))]
wit_bindgen::generate!({
    path: "../../../wit/messaging",
    inline: "
        package msgcompose:reqreply;
        world interceptor {
            import wasi:messaging/incoming-handler@0.2.0-draft;
            export wasi:messaging/incoming-handler@0.2.0-draft;
        }
    ",
    world: "msgcompose:reqreply/interceptor",
    with: {
        "wasi:messaging/types@0.2.0-draft": imports::messaging::types,
        "wasi:messaging/incoming-handler@0.2.0-draft": generate,
    },
});

#[cfg(all(feature = "keyvalue", feature = "in-place"))]
wit_bindgen::generate!({
    path: "../../../wit/messaging",
    inline: "
        package msgcompose:reqreply;
        world handler {
            export wasi:messaging/incoming-handler@0.2.0-draft;
        }
    ",
    world: "msgcompose:reqreply/handler",
    with: { "wasi:messaging/types@0.2.0-draft": imports::messaging::types },
});

// In memory, one part serves the dialects `mixed` and `async`: they differ only in functions that it does not use.

#[cfg(all(feature = "memory", not(feature = "in-place")))]
wit_bindgen::generate!({
    path: ["../../../wit/messaging-mixed", "../../../wit/reqreply-mailbox"],
    inline: "
        package msgcompose:reqreply-memory;
        world interceptor {
            import msgcompose:reqreply/mailbox@0.1.0;
            import msgcompose:reqreply/statistics@0.1.0;
            import wasi:messaging/incoming-handler@0.2.0-draft;
            export msgcompose:reqreply/statistics@0.1.0;
            export wasi:messaging/incoming-handler@0.2.0-draft;
        }
    ",
    world: "msgcompose:reqreply-memory/interceptor",
    with: {
        "msgcompose:reqreply/mailbox@0.1.0": generate,
        "msgcompose:reqreply/statistics@0.1.0": generate,
        "wasi:messaging/types@0.2.0-draft": imports::messaging::types,
        "wasi:messaging/incoming-handler@0.2.0-draft": generate,
    },
});

#[cfg(all(feature = "memory", feature = "in-place"))]
wit_bindgen::generate!({
    path: ["../../../wit/messaging-mixed", "../../../wit/reqreply-mailbox"],
    inline: "
        package msgcompose:reqreply-memory;
        world handler {
            import msgcompose:reqreply/mailbox@0.1.0;
            import msgcompose:reqreply/statistics@0.1.0;
            export msgcompose:reqreply/statistics@0.1.0;
            export wasi:messaging/incoming-handler@0.2.0-draft;
        }
    ",
    world: "msgcompose:reqreply-memory/handler",
    with: {
        "msgcompose:reqreply/mailbox@0.1.0": generate,
        "msgcompose:reqreply/statistics@0.1.0": generate,
        "wasi:messaging/types@0.2.0-draft": imports::messaging::types,
    },
});
