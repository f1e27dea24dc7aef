//! Bindings to the part's world.

wit_bindgen::generate!({
    path: [
        "../../../wit/io",
        "../../../wit/sockets",
        "cli.wit",
        "../../../wit/messaging",
        "../../../wit/broker",
    ],
    inline: "
        package msgcompose:broker-provider;
        world provider {
            import wasi:cli/stdin@0.2.0;
            import wasi:cli/stderr@0.2.0;
            import wasi:sockets/instance-network@0.2.0;
            import wasi:sockets/ip-name-lookup@0.2.0;
            import wasi:sockets/tcp-create-socket@0.2.0;
            export wasi:messaging/types@0.2.0-draft;
            export wasi:messaging/producer@0.2.0-draft;
            export wasi:messaging/request-reply@0.2.0-draft;
            export msgcompose:broker/deliveries@0.1.0;
        }
    ",
    world: "msgcompose:broker-provider/provider",
    with: { "wasi:io/poll@0.2.0": imports::io::poll },
    generate_all,
});
