//! Writes the picture as one SVG file: no fonts, scripts or styles from elsewhere. It is light or dark, as the reader's
//! browser is.

use super::{
    BlockKind, Endpoint, Picture,
    layout::{Arrow, Point, Size, layout},
    palette::{Colours, KINDS, class, dark, light},
};
use std::fmt::Write;
use unicode_width::UnicodeWidthStr;

/// The space around everything.
const MARGIN: f64 = 24.0;
/// The space between the border of a block and its text.
const PADDING: f64 = 14.0;
/// The width of a character of size 1. It is enough for any monospaced font.
const ADVANCE: f64 = 0.61;

/// How text is written: its class, the size of the font, the height of a line.
#[derive(Debug, Clone, Copy)]
struct Face {
    class: &'static str,
    size: f64,
    line: f64,
}

const NAME: Face = Face { class: "name", size: 14.0, line: 20.0 };
const WORD: Face = Face { class: "word", size: 11.0, line: 16.0 };
const HEADING: Face = Face { class: "word", size: 11.0, line: 24.0 };
const ITEM: Face = Face { class: "item", size: 11.5, line: 16.0 };
const LABEL: Face = Face { class: "label", size: 11.0, line: 15.0 };

const LEGEND: &str = "An arrow leads from who calls to who is called";

/// The text of a block, line by line.
type Lines<'a> = Vec<(Face, &'a str)>;

impl Picture {
    /// Returns the picture as an SVG document.
    #[must_use]
    pub fn svg(&self) -> String {
        let is_called = usize::from(self.is_called());
        let mut blocks: Vec<(Option<BlockKind>, Lines<'_>)> = Vec::new();
        if self.is_called() {
            blocks.push((None, lines("host", "calls", "passes on", self.left_to_host(Endpoint::Host))));
        }
        for (place, block) in self.blocks.iter().enumerate() {
            let host = self.left_to_host(Endpoint::Instance(place));
            blocks.push((Some(block.kind), lines(&block.name, block.kind.word(), "from the host", host)));
        }
        let arrows: Vec<_> = self.arrows().collect();
        let ends: Vec<_> = arrows
            .iter()
            .map(|(from, to, interfaces)| Arrow {
                from: from.instance().map_or(0, |from| from + is_called),
                to: to + is_called,
                label: label_size(interfaces),
            })
            .collect();
        let sizes: Vec<Size> = blocks.iter().map(|(_, lines)| block_size(lines)).collect();
        let layout = layout(&sizes, &ends);

        let mut drawing = Drawing { svg: String::new() };
        let legend = (width(LABEL, LEGEND), LABEL.line);
        let all = (layout.size.0.max(legend.0) + 2.0 * MARGIN, layout.size.1 + legend.1 + 3.0 * MARGIN - PADDING);
        drawing.open(&self.title, all);
        // The smaller of the two in the middle.
        let shift = (all.0 - layout.size.0) / 2.0;
        let moved = |(x, y): Point| (x + shift, y + MARGIN);
        for (way, _) in &layout.arrows {
            drawing.arrow(&way.iter().copied().map(moved).collect::<Vec<_>>());
        }
        for ((_, middle), (_, _, interfaces)) in layout.arrows.iter().zip(&arrows) {
            drawing.label(moved(*middle), interfaces);
        }
        for (((kind, lines), size), middle) in blocks.iter().zip(&sizes).zip(&layout.blocks) {
            drawing.block(*kind, moved(*middle), *size, lines);
        }
        drawing.text(LABEL, (MARGIN, all.1 - MARGIN), LEGEND);
        drawing.svg + "</svg>\n"
    }
}

fn lines<'a>(name: &'a str, word: &'a str, heading: &'a str, host: &'a [String]) -> Lines<'a> {
    let mut lines = vec![(NAME, name), (WORD, word)];
    if !host.is_empty() {
        lines.push((HEADING, heading));
        lines.extend(host.iter().map(|interface| (ITEM, interface.as_str())));
    }
    lines
}

#[expect(clippy::cast_precision_loss, reason = "nothing is that wide")]
fn width(face: Face, text: &str) -> f64 {
    text.width() as f64 * face.size * ADVANCE
}

/// Returns the size of lines of text with space around them.
fn size<'a>(lines: impl Iterator<Item = (Face, &'a str)>, padding: Size) -> Size {
    let (mut across, mut down) = (0.0_f64, 0.0);
    for (face, text) in lines {
        across = across.max(width(face, text));
        down += face.line;
    }
    // Whole numbers keep the document small.
    ((across + 2.0 * padding.0).ceil(), (down + 2.0 * padding.1).ceil())
}

fn block_size(lines: &Lines<'_>) -> Size {
    size(lines.iter().copied(), (PADDING, PADDING - 4.0))
}

fn label_size(interfaces: &[String]) -> Size {
    size(interfaces.iter().map(|interface| (LABEL, interface.as_str())), (6.0, 3.0))
}

struct Drawing {
    svg: String,
}

impl Drawing {
    fn open(&mut self, title: &str, (across, down): Size) {
        let title = escaped(title);
        self.line(&format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{across:.0}\" height=\"{down:.0}\" \
             viewBox=\"0 0 {across:.0} {down:.0}\" role=\"img\" font-family=\"ui-monospace, 'DejaVu Sans Mono', Menlo, \
             Consolas, monospace\">\n<title>{title}</title>\n<style>\n{}@media (prefers-color-scheme: dark) {{\n{}}}\n\
             </style>\n<defs><marker id=\"head\" viewBox=\"0 0 10 10\" refX=\"9\" refY=\"5\" markerWidth=\"8\" \
             markerHeight=\"8\" orient=\"auto\"><path class=\"head\" d=\"M0 0 10 5 0 10z\"/></marker></defs>\n\
             <rect class=\"ground\" width=\"100%\" height=\"100%\"/>",
            style(("#ffffff", "#1f2328", "#57606a"), light),
            style(("#0d1117", "#e6edf3", "#9198a1"), dark),
        ));
    }

    fn line(&mut self, text: &str) {
        self.svg.push_str(text);
        self.svg.push('\n');
    }

    /// Draws a way that turns softly at each point.
    fn arrow(&mut self, way: &[Point]) {
        let [(x, y), inner @ .., (last_x, last_y)] = way else { return };
        let mut path = format!("M{x:.1} {y:.1}");
        for (place, (x, y)) in inner.iter().enumerate() {
            let (to_x, to_y) = inner
                .get(place + 1)
                .map_or((*last_x, *last_y), |next| (f64::midpoint(*x, next.0), f64::midpoint(*y, next.1)));
            write!(path, "Q{x:.1} {y:.1} {to_x:.1} {to_y:.1}").expect("a string grows");
        }
        if inner.is_empty() {
            write!(path, "L{last_x:.1} {last_y:.1}").expect("a string grows");
        }
        self.line(&format!("<path class=\"arrow\" d=\"{path}\" marker-end=\"url(#head)\"/>"));
    }

    fn label(&mut self, (x, y): Point, interfaces: &[String]) {
        let (across, down) = label_size(interfaces);
        let (left, top) = (x - across / 2.0, y - down / 2.0);
        self.line(&format!(
            "<rect class=\"behind\" x=\"{left:.1}\" y=\"{top:.1}\" width=\"{across:.0}\" height=\"{down:.0}\" rx=\"4\"/>"
        ));
        let mut down = top + 3.0;
        for interface in interfaces {
            down += LABEL.line;
            self.text(LABEL, (left + 6.0, down - 4.0), interface);
        }
    }

    fn block(&mut self, kind: Option<BlockKind>, (x, y): Point, (across, down): Size, lines: &Lines<'_>) {
        let (left, top) = (x - across / 2.0, y - down / 2.0);
        self.line(&format!(
            "<rect class=\"{}\" x=\"{left:.1}\" y=\"{top:.1}\" width=\"{across:.0}\" height=\"{down:.0}\" rx=\"8\"/>",
            class(kind)
        ));
        let mut down = top + PADDING - 4.0;
        for (face, text) in lines {
            down += face.line;
            self.text(*face, (left + PADDING, down - 5.0), text);
        }
    }

    /// Writes text. It is as wide as `width` says, whatever font the reader has.
    fn text(&mut self, face: Face, (x, y): Point, text: &str) {
        let (class, size, width) = (face.class, face.size, width(face, text));
        self.line(&format!(
            "<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" font-size=\"{size}\" textLength=\"{width:.1}\" \
             lengthAdjust=\"spacingAndGlyphs\">{}</text>",
            escaped(text)
        ));
    }
}

/// Returns the style rules for one set of colours: of the background, of text, and of less important text.
fn style((ground, text, faint): (&str, &str, &str), colours: fn(Option<BlockKind>) -> Colours) -> String {
    let mut style = format!(
        ".ground,.behind{{fill:{ground}}}.name{{fill:{text};font-weight:bold}}.item{{fill:{text}}}\
         .word,.label{{fill:{faint}}}.head{{fill:{faint}}}.arrow{{fill:none;stroke:{faint};stroke-width:1.3}}\n"
    );
    for kind in KINDS {
        let Colours { fill, line } = colours(kind);
        writeln!(style, ".{}{{fill:{fill};stroke:{line};stroke-width:1.5}}", class(kind)).expect("a string grows");
    }
    style
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
