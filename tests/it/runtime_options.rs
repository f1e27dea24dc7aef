//! Options at run time, from the environment or from the host's `wasi:config/store`.

use crate::{
    engine::{Variant, World, answer, ask, on_keyvalue_variants, text},
    support::{FLAGSHIP, fixture},
};
use msgcompose::{Composition, ConfigFrom, adapters};
use msgcompose_host::{App, Error, Outcome};

/// A place of options, with the names that an option of the flagship and of any adapter has there.
struct Place {
    from: ConfigFrom,
    own: fn(&str) -> String,
    shared: fn(&str) -> String,
    /// Returns the option's name in errors.
    called: fn(&str) -> String,
}

fn variable(option: &str) -> String {
    option.to_uppercase().replace('-', "_")
}

const PLACES: [Place; 2] = [
    Place {
        from: ConfigFrom::Env,
        own: |option| format!("MSGCOMPOSE_REQREPLY_OVER_PUBSUB_{}", variable(option)),
        shared: |option| format!("MSGCOMPOSE_{}", variable(option)),
        called: |option| format!("MSGCOMPOSE_{}", variable(option)),
    },
    Place {
        from: ConfigFrom::Host,
        own: |option| format!("reqreply-over-pubsub.{option}"),
        shared: str::to_owned,
        called: |option| format!("`{option}` in wasi:config/store"),
    },
];

impl Place {
    /// Makes a host with these options in this place. The other place has the same names, and nobody reads them.
    fn world(&self, variant: Variant, set: &[(String, &str)]) -> World {
        let set: Vec<(&str, &str)> = set.iter().map(|(key, value)| (key.as_str(), *value)).collect();
        match self.from {
            ConfigFrom::Env => World::configured(variant, &set, &[("reply-topic", "wrong")]),
            _ => World::configured(variant, &[("MSGCOMPOSE_REPLY_TOPIC", "wrong")], &set),
        }
    }

    /// Composes a fixture with these options baked, and lets it handle these topics.
    async fn start(&self, world: &World, guest: &str, topics: &[&str], baked: &[(&str, &str)]) -> App {
        let mut composition = Composition::new(guest, fixture(guest))
            .adapter(adapters::get(FLAGSHIP).unwrap())
            .with(|all| all.config_from = self.from)
            .set("keyvalue", world.variant.keyvalue());
        for (option, value) in baked {
            composition = composition.set(*option, *value);
        }
        let component = composition.compose().unwrap().component.to_bytes();
        world.start_component(guest, &component, topics, &["prices", "1", "200", "?"]).await
    }
}

#[test]
fn values_set_at_run_time_override_baked_ones_and_others_stay() {
    on_keyvalue_variants(|variant| async move {
        for place in PLACES {
            let (topic, key) = ((place.shared)("reply-topic"), (place.shared)("correlation-id-key"));
            let world = place.world(variant, &[(topic, "here"), (key, "kafka_correlationId"), ("x".into(), "\0")]);
            let baked = [("key-prefix", "baked."), ("correlation-id-key", "x")];
            place.start(&world, "probe", &["probe", "here"], &baked).await;
            let (mut requests, mut outcomes) = (world.listen("prices").await, world.listen("probe.outcome").await);
            world.publish("probe", ask("prices", "?")).await;
            let request = requests.next().await;
            assert_eq!((request.get("reply-to"), request.get("x")), (Some("here"), None));
            let id = request.get("kafka_correlationId").unwrap();
            assert!(world.keys().await.contains(&format!("baked.{id}")));
            let reply = answer(&request.clone().with("correlation-id", id), "1").with("kafka_correlationId", id);
            world.publish("here", reply).await;
            assert!(text(&outcomes.next().await).starts_with("ok"));
        }
    });
}

#[test]
fn a_name_with_the_adapter_comes_before_one_without() {
    on_keyvalue_variants(|variant| async move {
        for place in PLACES {
            for (set, expected) in [
                (vec![], "baked"),
                (vec![((place.shared)("reply-topic"), "shared")], "shared"),
                (vec![((place.shared)("reply-topic"), "shared"), ((place.own)("reply-topic"), "own")], "own"),
            ] {
                let world = place.world(variant, &set);
                place.start(&world, "probe", &["probe"], &[("reply-topic", "baked")]).await;
                let mut requests = world.listen("prices").await;
                world.publish("probe", ask("prices", "?").with("probe-timeout-ms", "1")).await;
                assert_eq!(requests.next().await.get("reply-to"), Some(expected));
            }
        }
    });
}

#[test]
fn a_value_that_is_wrong_or_missing_is_an_error_of_the_interface() {
    on_keyvalue_variants(|variant| async move {
        for place in PLACES {
            let called = place.called;
            let missing = "Topic that replies come on. The host must deliver it to the composed component.";
            for (option, value, complaint) in [
                ("poll-max-ms", Some("abc"), ": the value is not a number from 1 to 10000"),
                ("echo-keys", Some("a, b\u{7}"), ": the value has an item that has a control character"),
                ("reply-to-key", Some("correlation-id"), ": the value is that of `correlation-id-key` too"),
                ("reply-topic", Some(""), ": the value is empty"),
                ("reply-topic", None, &format!(" is not set, and no value was baked: {missing}")),
            ] {
                let set: Vec<_> = value.map(|value| ((place.shared)(option), value)).into_iter().collect();
                let baked: &[_] = if option == "reply-topic" { &[] } else { &[("reply-topic", "replies")] };
                let expected = format!("configuration: {}{complaint}", called(option));

                // Every message fails with this error, whatever its content.
                let world = place.world(variant, &set);
                place.start(&world, "probe", &["probe"], baked).await;
                world.publish("probe", ask("prices", "?")).await;
                assert_eq!(world.handled("probe").await, Outcome::Failed(Error::Other(expected.clone())));

                // A guest that makes a request gets the error, too.
                let world = place.world(variant, &set);
                let survey = place.start(&world, "survey", &[], baked).await;
                let mut results = world.listen("survey.results").await;
                assert_eq!(survey.run(None).await, Outcome::Ok);
                assert_eq!(text(&results.next().await), format!("Error::Other({expected:?})"));
            }
        }
    });
}
