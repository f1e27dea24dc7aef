//! Pictures of plans and of components: the same graph from both, and what each writer makes of it.

use crate::support::{FLAGSHIP, OVER_HTTP, dummy, fixture, golden, root};
use msgcompose::{Adapter, Composed, Composition, Picture, catalogue, picture::Role};
use wac_graph::{CompositionGraph, EncodeOptions, types::Package};

/// Fails where the picture of the component is another than that of its plan.
pub fn assert_same(composed: &Composed<'_>) {
    let drawn = Picture::of_component("out.wasm", &composed.component.to_bytes()).unwrap();
    assert_eq!(drawn.instances, composed.picture.instances);
    assert_eq!(drawn.wires, composed.picture.wires);
}

fn flagship() -> Composition {
    let flagship = catalogue::get(FLAGSHIP).unwrap();
    Composition::new("quote-desk.wasm", fixture("quote-desk")).adapter(flagship).set("reply-topic", "quotes.replies")
}

/// Both adapters, and between them five interceptors that do nothing.
fn twelve() -> Composed<'static> {
    let mut composition = flagship();
    for name in ["audit", "limit", "log", "retry", "trace"] {
        let wit = format!(
            "package t:{name};\nworld {name} {{ import wasi:messaging/types@0.2.0-draft; \
             import wasi:messaging/incoming-handler@0.2.0-draft; export wasi:messaging/incoming-handler@0.2.0-draft; }}"
        );
        composition = composition.adapter(Adapter::from_component(&format!("{name}.wasm"), dummy(&wit)));
    }
    let over_http = catalogue::get(OVER_HTTP).unwrap();
    composition.adapter(over_http).set("messaging-over-http.base-url", "http://broker").compose().unwrap()
}

#[test]
fn a_picture_of_twelve_instances_is_written_in_each_form() {
    let composed = twelve();
    let picture = &composed.picture;
    assert_eq!(picture.instances.len(), 12);
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

/// The boxes of an SVG: left, top, right, bottom, and the texts that follow each: right end and base line.
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
fn nothing_is_drawn_over_something_else() {
    let composed = twelve();
    let boxes = boxes(&composed.picture.svg());
    // The host, the instances, and what is written at each arrow.
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

#[test]
fn a_component_that_was_not_composed_is_one_box() {
    for guest in ["quote-desk", "survey", "gateway"] {
        let picture = Picture::of_component("guest.wasm", &fixture(guest)).unwrap();
        let [instance] = &picture.instances[..] else { panic!("{picture:?}") };
        assert_eq!((instance.name.as_str(), instance.role), ("guest.wasm", Role::Guest));
        assert!(!picture.wires.is_empty());
    }
}

/// As another tool composes: without a word about itself, and with names only where its user gave some.
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
fn what_another_tool_composed_is_drawn_too() {
    let picture = Picture::of_component("out.wasm", &by_another_tool(Some("server"))).unwrap();
    let expected = "\
host
└─ component 2  run
   └─ server    a:b/c@1.0.0
      └─○ host  a:b/d@1.0.0
";
    assert_eq!(picture.to_string(), expected);
    assert!(picture.instances.iter().all(|instance| instance.role == Role::Component));
    let picture = Picture::of_component("out.wasm", &by_another_tool(None)).unwrap();
    let names: Vec<_> = picture.instances.iter().map(|instance| &*instance.name).collect();
    assert_eq!(names, ["component 2", "component 1"]);
}

/// A name can be anything that a file can be called.
#[test]
fn names_are_escaped_in_each_form() {
    let name = "<b>\"a\\&\u{1b}[31m\n#1.wasm";
    let composed = Composition::new(name, fixture("quote-desk"))
        .adapter(catalogue::get(FLAGSHIP).unwrap())
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
