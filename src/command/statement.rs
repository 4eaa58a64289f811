//! The statements at the top of a script, by lines.

use std::ops::Range;

use tree_sitter::Node;

use super::parse::{Parsed, parse};
use super::prepare::prepare;

/// The lines (from 0) of each statement at the top of a script, in order and apart from each other;
/// none where the grammar cannot read the script.
pub fn statements(script: &str) -> Option<Vec<Range<usize>>> {
    let prepared = prepare(script);
    let Parsed::Whole(tree) = parse(&prepared.text) else { return None };
    let root = tree.root_node();
    let mut statements: Vec<Range<usize>> = Vec::new();
    let mut cursor = root.walk();
    for node in root.named_children(&mut cursor).filter(|node| node.kind() != "comment") {
        let lines = node.start_position().row..last_row(node) + 1;
        match statements.last_mut() {
            Some(last) if lines.start < last.end => last.end = last.end.max(lines.end),
            _ => statements.push(lines),
        }
    }
    Some(statements)
}

/// A here-document ends at the beginning of the line behind it.
fn last_row(node: Node<'_>) -> usize {
    let end = node.end_position();
    if end.column == 0 && end.row > node.start_position().row { end.row - 1 } else { end.row }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_have_all_their_lines() {
        let script =
            "# a\nls \\\n  -l\n\nfor x in a b; do\n  echo $x\ndone; pwd\ncat <<E\nrm\nE\n# end\n";
        assert_eq!(statements(script), Some(vec![1..3, 4..7, 7..10]));
        assert_eq!(statements("kubectl logs <pod>\npwd\n"), Some(vec![0..1, 1..2]));
        assert_eq!(statements("if true; then\n"), None);
    }
}
