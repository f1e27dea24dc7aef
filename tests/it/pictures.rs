//! Pictures of plans and of components: both give the same graph, and each format is tested.

use crate::support::{FLAGSHIP, OVER_HTTP, dummy, fixture, golden, root};
use msgcompose::{Adapter, Composed, Composition, Picture, adapters, picture::BlockKind};
use std::collections::BTreeSet;
use wac_graph::{CompositionGraph, EncodeOptions, types::Package};

/// Fails if the picture of the component differs from the picture of its plan.
pub fn assert_same(composed: &Composed<'_>) {
    let drawn = Picture::of_component("out.wasm", &composed.component.to_bytes()).unwrap();
    assert_eq!(drawn.blocks, composed.picture.blocks);
    assert_eq!(drawn.edges, composed.picture.edges);
}

fn flagship() -> Composition {
    let flagship = adapters::get(FLAGSHIP).unwrap();
    Composition::new("quote-desk.wasm", fixture("quote-desk")).adapter(flagship).set("reply-topic", "quotes.replies")
}

/// Composes both adapters, with seven interceptors between them that do nothing.
fn twelve() -> Composed<'static> {
    let mut composition = flagship();
    for name in ["audit", "limit", "log", "quota", "retry", "route", "trace"] {
        let wit = format!(
            "package t:{name};\nworld {name} {{ import wasi:messaging/types@0.2.0-draft; \
             import wasi:messaging/incoming-handler@0.2.0-draft; export wasi:messaging/incoming-handler@0.2.0-draft; }}"
        );
        composition = composition.adapter(Adapter::from_component(&format!("{name}.wasm"), dummy(&wit)));
    }
    let over_http = adapters::get(OVER_HTTP).unwrap();
    composition.adapter(over_http).set("messaging-over-http.base-url", "http://broker").compose().unwrap()
}

#[test]
fn a_picture_of_twelve_instances_is_written_in_each_form() {
    let composed = twelve();
    let picture = &composed.picture;
    assert_eq!(picture.blocks.len(), 12);
    assert_same(&composed);
    let forms =
        [("svg", picture.svg()), ("dot", picture.dot()), ("mmd", picture.mermaid()), ("txt", picture.to_string())];
    for (ending, text) in forms {
        golden(&root().join(format!("tests/pictures/twelve.{ending}")), &text).unwrap();
    }
}

/// The picture that `docs/pictures.md` shows.
#[test]
fn the_picture_in_the_documents_is_drawn_anew() {
    let composed = flagship().compose().unwrap();
    golden(&root().join("docs/pictures/quote-desk.svg"), &composed.picture.svg()).unwrap();
    let document = std::fs::read_to_string(root().join("docs/pictures.md")).unwrap();
    assert!(document.contains(&format!("```text\n{}```\n", composed.picture)), "{}", composed.picture);
}

/// Returns the boxes of an SVG. Each has left, top, right and bottom, and the right end and base line of each text in
/// it.
fn boxes(svg: &str) -> Vec<([f64; 4], Vec<[f64; 3]>)> {
    let number = |line: &str, name: &str| -> f64 {
        let (_, rest) = line.split_once(&format!(" {name}=\"")).unwrap_or_else(|| panic!("{name} in {line}"));
        rest.split_once('"').unwrap().0.parse().unwrap()
    };
    let mut boxes: Vec<([f64; 4], Vec<[f64; 3]>)> = Vec::new();
    for line in svg.lines() {
        if line.starts_with("<rect") && !line.contains("100%") {
            let [x, y] = ["x", "y"].map(|name| number(line, name));
            boxes.push(([x, y, x + number(line, "width"), y + number(line, "height")], Vec::new()));
        } else if line.starts_with("<text") && line.contains("An arrow leads") {
            break;
        } else if line.starts_with("<text") {
            let x = number(line, "x");
            boxes.last_mut().unwrap().1.push([x, x + number(line, "textLength"), number(line, "y")]);
        }
    }
    boxes
}

#[test]
fn drawings_do_not_overlap() {
    let composed = twelve();
    let boxes = boxes(&composed.picture.svg());
    // The host, the instances, and the texts at the arrows.
    assert!(boxes.len() > 30, "{}", boxes.len());
    for (number, ([left, top, right, bottom], texts)) in boxes.iter().enumerate() {
        assert!(!texts.is_empty());
        for [start, end, base] in texts {
            assert!(start > left && end < right && base > top && base < bottom, "{start} {end} {base}");
        }
        for (other, _) in &boxes[..number] {
            let apart = other[2] <= *left || other[0] >= *right || other[3] <= *top || other[1] >= *bottom;
            assert!(apart, "{other:?} and {:?}", [left, top, right, bottom]);
        }
    }
}

/// The guest and the adapter import `random` in different versions of one semver track. The host sees one import.
#[test]
fn an_import_that_was_merged_has_one_name_everywhere() {
    let guest = dummy(
        "// alone\npackage t:guest; world guest { import wasi:random/random@0.2.12; import wasi:messaging/types@0.2.0-draft; \
         import wasi:messaging/request-reply@0.2.0-draft; }\n\
         package wasi:random@0.2.12 { interface random { get-random-u64: func() -> u64; } }\n\
         package wasi:messaging@0.2.0-draft { interface types { type topic = string; \
         variant error { timeout, connection(string), permission-denied(string), other(string) } \
         resource client; resource message { constructor(data: list<u8>); } }\n\
         interface request-reply { use types.{client, message, error, topic}; \
         resource request-options { constructor(); } \
         request: func(c: borrow<client>, topic: topic, message: borrow<message>, options: option<request-options>) -> \
         result<list<message>, error>; } }",
    );
    let flagship = adapters::get(FLAGSHIP).unwrap();
    let composed = Composition::new("guest.wasm", guest).adapter(flagship).set("reply-topic", "r").compose().unwrap();
    let random = |text: &str| -> BTreeSet<String> {
        text.split_whitespace().filter(|word| word.starts_with("wasi:random/random@")).map(str::to_owned).collect()
    };
    let expected = BTreeSet::from(["wasi:random/random@0.2.12".to_owned()]);
    let imports: Vec<_> = composed.report.imports.iter().map(String::as_str).collect();
    let open: Vec<_> = composed.report.open.iter().map(|open| open.import.as_str()).collect();
    let inspection = msgcompose::inspect("out.wasm", &composed.component.to_bytes()).unwrap();
    let texts = [imports.join("\n"), open.join("\n"), inspection.imports.join("\n"), composed.plan.clone()];
    for text in texts.iter().chain([&composed.picture.to_string()]) {
        assert_eq!(&random(text), &expected, "{text}");
    }
    let open = composed.report.open.iter().filter(|open| open.import.contains("random@")).collect::<Vec<_>>();
    assert!(matches!(&open[..], [one] if one.importers.len() >= 2), "{open:?}");
    assert_same(&composed);
}

#[test]
fn a_component_that_was_not_composed_is_one_box() {
    for guest in ["quote-desk", "survey", "gateway"] {
        let picture = Picture::of_component("guest.wasm", &fixture(guest)).unwrap();
        let [instance] = &picture.blocks[..] else { panic!("{picture:?}") };
        assert_eq!((instance.name.as_str(), instance.kind), ("guest.wasm", BlockKind::Guest));
        assert!(!picture.edges.is_empty());
    }
}

/// Composes like another tool: without provenance, and with names only if its user gave some.
fn by_another_tool(name: Option<&str>) -> Vec<u8> {
    let world = |items: &str| {
        dummy(&format!(
            "// alone\npackage t:{};\nworld w {{ {items} }}\npackage a:b@1.0.0 {{ interface c {{ f: func(); }} \
             interface d {{ f: func(); }} }}",
            if items.contains("run") { "user" } else { "server" }
        ))
    };
    let mut graph = CompositionGraph::new();
    let mut instance = |name: &str, bytes| {
        let package = Package::from_bytes(name, None, bytes, graph.types_mut()).unwrap();
        let package = graph.register_package(package).unwrap();
        graph.instantiate(package)
    };
    let server = instance("a:server", world("import a:b/d@1.0.0; export a:b/c@1.0.0;"));
    let user = instance("a:user", world("import a:b/c@1.0.0; export run: func();"));
    name.into_iter().for_each(|name| graph.set_node_name(server, name));
    let served = graph.alias_instance_export(server, "a:b/c@1.0.0").unwrap();
    graph.set_instantiation_argument(user, "a:b/c@1.0.0", served).unwrap();
    let run = graph.alias_instance_export(user, "run").unwrap();
    graph.export(run, "run").unwrap();
    graph.encode(EncodeOptions::default()).unwrap()
}

#[test]
fn a_component_of_another_tool_is_drawn() {
    let picture = Picture::of_component("out.wasm", &by_another_tool(Some("server"))).unwrap();
    let expected = "\
host
└─ component 2  run
   └─ server    a:b/c@1.0.0
      └─○ host  a:b/d@1.0.0
";
    assert_eq!(picture.to_string(), expected);
    assert!(picture.blocks.iter().all(|instance| instance.kind == BlockKind::Component));
    let picture = Picture::of_component("out.wasm", &by_another_tool(None)).unwrap();
    let names: Vec<_> = picture.blocks.iter().map(|instance| &*instance.name).collect();
    assert_eq!(names, ["component 2", "component 1"]);
}

/// A name can contain any character of a file name.
#[test]
fn names_are_escaped_in_each_form() {
    let name = "<b>\"a\\&\u{1b}[31m\n#1.wasm";
    let composed = Composition::new(name, fixture("quote-desk"))
        .adapter(adapters::get(FLAGSHIP).unwrap())
        .set("reply-topic", "replies")
        .compose()
        .unwrap();
    assert_same(&composed);
    let picture = &composed.picture;
    let forms = [picture.svg(), picture.dot(), picture.mermaid(), picture.to_string()];
    for text in &forms {
        assert!(!text.contains(|c: char| c.is_control() && c != '\n'), "{text}");
        assert!(!text.contains("\n#1"), "{text}");
    }
    let [svg, dot, mermaid, tree] = forms;
    assert!(svg.contains(r"&lt;b&gt;&quot;a\&amp;\u{1b}[31m\n#1.wasm</text>"), "{svg}");
    assert!(dot.contains(r#"label="<b>\"a\\&\\u{1b}[31m\\n#1.wasm\nguest"#), "{dot}");
    assert!(mermaid.contains("#60;b#62;#34;a#92;#38;#92;u{1b}[31m#92;n#35;1.wasm</b>"), "{mermaid}");
    assert!(tree.contains(r#"─ <b>"a\&\u{1b}[31m\n#1.wasm (guest)"#), "{tree}");
}
