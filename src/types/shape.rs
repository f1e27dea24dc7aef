//! Shapes of messaging: which interface a component means, by its types. One name is not one interface: between
//! February and December 2024, four drafts of the WASI proposal had the name `wasi:messaging@0.2.0-draft`.

use crate::types::interface::InterfaceId;

/// A function, as far as shapes differ by it.
#[derive(Debug, Clone)]
pub(crate) struct Signature<'a> {
    pub interface: &'a InterfaceId,
    /// The name with its annotation: `[method]message.topic`.
    pub function: String,
    pub is_async: bool,
    /// The number of parameters. A method has `self`, too.
    pub parameters: usize,
    /// Whether the result is an `option`.
    pub is_optional: bool,
}

/// A shape of a messaging package.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Shape {
    /// The name for programs: `wasi-2024-12`.
    pub name: &'static str,
    /// Whose it is, and its date, in words.
    pub origin: &'static str,
    /// How it differs from the draft of December 2024, if it has its name or that of an older draft. No adapter and no
    /// known host has such a shape.
    pub differs: Option<&'static str>,
    /// The package without a version.
    package: &'static str,
    /// The version of the package. None if any will do.
    version: Option<&'static str>,
    /// What only this shape has. One of these is enough. If there are none, the name decides.
    marks: &'static [Mark],
}

/// What tells a shape from others of the same name.
#[derive(Debug, PartialEq, Eq)]
enum Mark {
    /// An interface.
    Interface(&'static str),
    /// A function of an interface.
    Function(&'static str, &'static str),
    /// The number of a function's parameters.
    Parameters(&'static str, &'static str, usize),
    /// A function whose result is no `option`.
    NotOptional(&'static str, &'static str),
    /// A function that the draft of December 2024 does not have, or not with so many parameters.
    Unknown,
}
use Mark::{Function, Interface, NotOptional, Parameters, Unknown};

const WASI: &str = "wasi:messaging";
const DRAFT: Option<&str> = Some("0.2.0-draft");
const WASMCLOUD: &str = "wasmcloud:messaging";

/// The shapes. If several match, the first counts.
const SHAPES: [Shape; 13] = [
    Shape {
        name: "wasi-2024-01",
        origin: "the WASI proposal of January 2024",
        differs: Some("it sends and takes lists of messages, which are records"),
        package: WASI,
        version: Some("0.1.0"),
        marks: &[],
    },
    Shape {
        name: "wasi-2024-02",
        origin: "the WASI proposal of February 2024",
        differs: Some("it sends and takes lists of messages, which are records"),
        package: WASI,
        version: DRAFT,
        marks: &[Interface("messaging-types"), Interface("consumer"), Interface("messaging-guest")],
    },
    Shape {
        name: "wasi-2024-10",
        origin: "the WASI proposal of October 2024",
        differs: Some("its handler has `get-topics`, `message.topic` always gives a topic, and `request` takes none"),
        package: WASI,
        version: DRAFT,
        marks: &[Function("incoming-handler", "get-topics")],
    },
    Shape {
        name: "wasi-2024-11",
        origin: "the WASI proposal of November 2024",
        differs: Some("`message.topic` always gives a topic, and `request` takes none"),
        package: WASI,
        version: DRAFT,
        marks: &[NotOptional("types", "[method]message.topic"), Parameters("request-reply", "request", 3)],
    },
    Shape {
        name: "wasi-2024-12-configure",
        origin: "the WASI proposal of December 2024, with `configure` beside it",
        differs: None,
        package: WASI,
        version: DRAFT,
        marks: &[Function("incoming-handler", "configure")],
    },
    Shape {
        name: "wasi-unknown",
        origin: "no known shape of the WASI proposal",
        differs: None,
        package: WASI,
        version: DRAFT,
        marks: &[Unknown],
    },
    Shape {
        name: "wasi-2024-12",
        origin: "the WASI proposal of December 2024",
        differs: None,
        package: WASI,
        version: DRAFT,
        marks: &[],
    },
    Shape {
        name: "wasi-other",
        origin: "the WASI proposal's package, in a version that it never had",
        differs: None,
        package: WASI,
        version: None,
        marks: &[],
    },
    Shape {
        name: "wasmcloud-1.9",
        origin: "wasmCloud 1.9's copy of the WASI proposal of November 2024",
        differs: Some("`message.topic` always gives a topic, and `request` takes none"),
        package: WASMCLOUD,
        version: Some("0.3.0"),
        marks: &[
            Interface("request-reply"),
            Interface("producer"),
            Interface("incoming-handler"),
            Function("types", "[method]message.topic"),
        ],
    },
    Shape {
        name: "wasmcloud-0.3",
        origin: "wasmCloud 2's own interface, with bodies as streams",
        differs: None,
        package: WASMCLOUD,
        version: Some("0.3.0"),
        marks: &[],
    },
    Shape {
        name: "wasmcloud",
        origin: "wasmCloud's own interface",
        differs: None,
        package: WASMCLOUD,
        version: None,
        marks: &[],
    },
    Shape {
        name: "cosmonic-kafka",
        origin: "Cosmonic's interface to Kafka",
        differs: None,
        package: "cosmonic:kafka",
        version: None,
        marks: &[],
    },
    Shape {
        name: "spin-mqtt",
        origin: "Spin's interface to MQTT",
        differs: None,
        package: "spin:mqtt",
        version: None,
        marks: &[],
    },
];

/// The functions of the draft of December 2024, with their numbers of parameters.
const DECEMBER: [(&str, &str, usize); 18] = [
    ("types", "[static]client.connect", 1),
    ("types", "[method]client.disconnect", 1),
    ("types", "[constructor]message", 1),
    ("types", "[method]message.topic", 1),
    ("types", "[method]message.content-type", 1),
    ("types", "[method]message.set-content-type", 2),
    ("types", "[method]message.data", 1),
    ("types", "[method]message.set-data", 2),
    ("types", "[method]message.metadata", 1),
    ("types", "[method]message.add-metadata", 3),
    ("types", "[method]message.set-metadata", 2),
    ("types", "[method]message.remove-metadata", 2),
    ("producer", "send", 3),
    ("request-reply", "[constructor]request-options", 0),
    ("request-reply", "[method]request-options.set-timeout-ms", 2),
    ("request-reply", "[method]request-options.set-expected-replies", 2),
    ("request-reply", "request", 4),
    ("request-reply", "reply", 2),
];

impl Shape {
    /// Returns whether a handler of this shape says by `configure` which topics it takes.
    pub(crate) fn has_configure(&self) -> bool {
        self.marks.contains(&Function("incoming-handler", "configure"))
    }

    /// Returns the shape of a package, by its interfaces and functions that a component uses. All are of the package of
    /// `id`. Returns none if the package has nothing to do with messaging.
    pub(crate) fn of(
        id: &InterfaceId,
        interfaces: &[&InterfaceId],
        functions: &[Signature<'_>],
    ) -> Option<&'static Self> {
        let version = id.version().map(ToString::to_string);
        let is_named = |shape: &&Self| {
            id.is_of(shape.package) && shape.version.is_none_or(|wanted| version.as_deref() == Some(wanted))
        };
        SHAPES
            .iter()
            .filter(is_named)
            .find(|shape| shape.marks.is_empty() || shape.marks.iter().any(|mark| mark.is_in(interfaces, functions)))
    }

    /// Returns whether an interface belongs to messaging, in any shape.
    pub(crate) fn has(id: &InterfaceId) -> bool {
        SHAPES.iter().any(|shape| id.is_of(shape.package))
    }
}

impl Mark {
    fn is_in(&self, interfaces: &[&InterfaceId], functions: &[Signature<'_>]) -> bool {
        let named = |interface: &str, function: &str| -> Vec<&Signature<'_>> {
            functions.iter().filter(|it| it.interface.interface() == interface && it.function == function).collect()
        };
        match self {
            Interface(interface) => interfaces.iter().any(|id| id.interface() == *interface),
            Function(interface, function) => !named(interface, function).is_empty(),
            Parameters(interface, function, count) => {
                named(interface, function).iter().any(|function| function.parameters == *count)
            }
            NotOptional(interface, function) => named(interface, function).iter().any(|function| !function.is_optional),
            Unknown => functions.iter().any(|it| {
                let interface = it.interface.interface();
                let is_it = |(of, name, count): &(&str, &str, usize)| {
                    *of == interface && *name == it.function && *count == it.parameters
                };
                !DECEMBER.iter().any(is_it) && (interface, &*it.function) != ("incoming-handler", "handle")
            }),
        }
    }
}
