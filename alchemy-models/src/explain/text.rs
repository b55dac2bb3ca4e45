//! A tree as text.

use std::fmt::{self, Write};

use super::rule::Test;
use super::trees::Trees;

/// Tree number `index`, a line per node; `None` if there is no such tree.
pub(crate) fn tree_text(trees: &Trees<'_>, index: usize) -> Option<String> {
    let mut text = String::new();
    // Writing to a string does not fail.
    write_tree(trees, index, &mut text)?.ok()?;
    Some(text)
}

fn write_tree(trees: &Trees<'_>, index: usize, out: &mut String) -> Option<fmt::Result> {
    let tree = trees.trees.get(index)?;
    let columns = trees.binner.named_columns();
    let mut open = vec![(0, 0, "")];
    let mut write = || {
        while let Some((node, depth, side)) = open.pop() {
            write!(out, "{:1$}{side}", "", 2 * depth)?;
            if let (Some(left), Some(rule)) = (tree.left(node), tree.rule(node)) {
                let test = Test::new(&columns, &rule);
                write!(out, "{test} (gain {}, ", tree.gain(node))?;
                open.extend([(left + 1, depth + 1, "no: "), (left, depth + 1, "yes: ")]);
            } else {
                match tree.values(node) {
                    [value] => write!(out, "{value} (")?,
                    values => write!(out, "{values:?} (")?,
                }
            }
            writeln!(out, "cover {})", tree.cover(node))?;
        }
        Ok(())
    };
    Some(write())
}
