//! Bindings to the part's world.

wit_bindgen::generate!({
    path: ["messaging.wit", "../../../wit/link"],
    inline: "
        package msgcompose:link-bus;
        world bus {
            export wasi:messaging/types@0.2.0-draft;
            export wasi:messaging/request-reply@0.2.0-draft;
            export msgcompose:link/contents@0.1.0;
            export msgcompose:link/bus@0.1.0;
            export msgcompose:link/chain@0.1.0;
        }
    ",
    world: "msgcompose:link-bus/bus",
    generate_all,
});
