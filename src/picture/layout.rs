//! Places blocks and arrows in layers. A block that calls stands above those that it calls. Each arrow has room for its
//! label.

use dagre::{
    EdgeLabel, LayoutOptions, NodeLabel,
    graph::{Graph, GraphOptions},
    layout::types::LabelPos,
};

/// Width and height.
pub(super) type Size = (f64, f64);
/// Across and down.
pub(super) type Point = (f64, f64);

/// An arrow from one block to another.
#[derive(Debug, Clone, Copy)]
pub(super) struct Arrow {
    /// The block that it starts at.
    pub from: usize,
    /// The block that it leads to.
    pub to: usize,
    /// The size of its label.
    pub label: Size,
}

/// The places of all blocks and arrows.
#[derive(Debug)]
pub(super) struct Layout {
    /// The middle of each block.
    pub blocks: Vec<Point>,
    /// The way of each arrow, and the middle of its label.
    pub arrows: Vec<(Vec<Point>, Point)>,
    /// The size of everything together.
    pub size: Size,
}

/// Places blocks of these sizes and the arrows between them.
pub(super) fn layout(blocks: &[Size], arrows: &[Arrow]) -> Layout {
    let mut graph: Graph<NodeLabel, EdgeLabel> = Graph::with_options(GraphOptions::default());
    for (place, (width, height)) in blocks.iter().enumerate() {
        graph.set_node(place.to_string(), Some(NodeLabel { width: *width, height: *height, ..NodeLabel::default() }));
    }
    for Arrow { from, to, label: (width, height) } in arrows {
        let label = EdgeLabel { width: *width, height: *height, labelpos: LabelPos::Center, ..EdgeLabel::default() };
        graph.set_edge(from.to_string(), to.to_string(), Some(label), None);
    }
    dagre::layout(&mut graph, Some(LayoutOptions { nodesep: 40.0, ranksep: 40.0, ..LayoutOptions::default() }));

    let point = |x: Option<f64>, y: Option<f64>| (x.unwrap_or_default(), y.unwrap_or_default());
    let at = |place: usize| graph.node(&place.to_string()).map_or((0.0, 0.0), |node| point(node.x, node.y));
    let way = |arrow: &Arrow| {
        let edge = graph.edge(&arrow.from.to_string(), &arrow.to.to_string(), None);
        let points = edge.map(|edge| edge.points.iter().map(|point| (point.x, point.y)).collect());
        (points.unwrap_or_default(), edge.map_or((0.0, 0.0), |edge| point(edge.x, edge.y)))
    };
    let mut layout = Layout {
        blocks: (0..blocks.len()).map(at).collect(),
        arrows: arrows.iter().map(way).collect(),
        size: (0.0, 0.0),
    };
    layout.fit(blocks, arrows);
    layout
}

impl Layout {
    /// Moves everything so that it begins at (0, 0), and finds the size.
    fn fit(&mut self, blocks: &[Size], arrows: &[Arrow]) {
        let corners = |(x, y): Point, (width, height): Size| {
            [(x - width / 2.0, y - height / 2.0), (x + width / 2.0, y + height / 2.0)]
        };
        let mut points: Vec<Point> = Vec::new();
        points.extend(self.blocks.iter().zip(blocks).flat_map(|(middle, size)| corners(*middle, *size)));
        for ((way, middle), arrow) in self.arrows.iter().zip(arrows) {
            points.extend(way.iter().copied().chain(corners(*middle, arrow.label)));
        }
        let start = points.iter().fold((f64::MAX, f64::MAX), |(x, y), point| (x.min(point.0), y.min(point.1)));
        let end = points.iter().fold((f64::MIN, f64::MIN), |(x, y), point| (x.max(point.0), y.max(point.1)));
        let shift = |point: &mut Point| *point = (point.0 - start.0, point.1 - start.1);
        self.blocks.iter_mut().for_each(shift);
        for (way, middle) in &mut self.arrows {
            way.iter_mut().for_each(shift);
            shift(middle);
        }
        self.size = (end.0 - start.0, end.1 - start.1);
    }
}
