//! The world of this part.

#[cfg(not(feature = "in-place"))]
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

#[cfg(feature = "in-place")]
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
