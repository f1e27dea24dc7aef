//! Circles of files: see [`super`] for what counts as one.

use super::tree::File;
use petgraph::{
    algo::{astar, tarjan_scc},
    graph::{DiGraph, NodeIndex},
};
use std::collections::{BTreeMap, BTreeSet};

/// Files that use one another in a circle; the last uses the first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Circle(pub Vec<usize>);

/// The two nodes of a file. They are one and the same where no other file is below it.
#[derive(Clone, Copy)]
struct Node {
    /// What its children use of it.
    shared: NodeIndex,
    /// What uses its children.
    whole: NodeIndex,
}

/// Finds circles: for each use of one file by another that is part of any, the shortest of these.
pub fn find(files: &[File], uses: &BTreeMap<(usize, usize), BTreeSet<String>>) -> Vec<Circle> {
    let mut graph: DiGraph<usize, ()> = DiGraph::new();
    let nodes: Vec<Node> = (0..files.len())
        .map(|file| {
            let whole = graph.add_node(file);
            if files.iter().any(|other| other.parent == Some(file)) {
                let shared = graph.add_node(file);
                graph.add_edge(whole, shared, ());
                Node { shared, whole }
            } else {
                Node { shared: whole, whole }
            }
        })
        .collect();
    for &(from, to) in uses.keys() {
        let source = if is_below(files, to, from) { nodes[from].whole } else { nodes[from].shared };
        let target = if files[from].parent == Some(to) { nodes[to].shared } else { nodes[to].whole };
        graph.add_edge(source, target, ());
    }
    let mut circles = BTreeSet::new();
    for knot in tarjan_scc(&graph).into_iter().filter(|knot| knot.len() > 1) {
        let inside = graph.filter_map(|node, file| knot.contains(&node).then_some(*file), |_, ()| Some(()));
        for edge in inside.edge_indices() {
            let Some((from, to)) = inside.edge_endpoints(edge) else { continue };
            let Some((_, path)) = astar(&inside, to, |node| node == from, |_| 1, |_| 0) else { continue };
            let mut circle: Vec<usize> = path.into_iter().map(|node| inside[node]).collect();
            circle.dedup();
            if circle.len() > 1 && circle.first() == circle.last() {
                circle.pop();
            }
            // One that visits a file twice is two, and both are found by themselves.
            if circle.iter().collect::<BTreeSet<_>>().len() == circle.len() && circle.len() > 1 {
                let first = circle.iter().enumerate().min_by_key(|(_, file)| **file).map_or(0, |(index, _)| index);
                circle.rotate_left(first);
                circles.insert((circle.len(), Circle(circle)));
            }
        }
    }
    circles.into_iter().map(|(_, circle)| circle).collect()
}

/// Whether `file` is a child of `ancestor`, or a child's child, and so on.
fn is_below(files: &[File], file: usize, ancestor: usize) -> bool {
    let mut place = files[file].parent;
    while let Some(parent) = place {
        if parent == ancestor {
            return true;
        }
        place = files[parent].parent;
    }
    false
}
