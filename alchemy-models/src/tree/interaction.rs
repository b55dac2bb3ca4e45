//! Which features may meet on a path.
//!
//! Every path uses features of one set only, as in `XGBoost`. A set is open to a node if it holds all features on the way to
//! it. A feature in no set, once used, has only itself below.

/// Sets of columns, each a flag per column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Interactions {
    sets: Vec<Vec<bool>>,
}

/// What a node may be split by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Path {
    /// Nothing was used yet.
    Any,
    /// A column used on the way to the node, and the numbers of the sets that hold all such columns.
    Within { column: u16, open: Vec<usize> },
}

impl Interactions {
    pub(crate) fn new(sets: Vec<Vec<bool>>) -> Self {
        Self { sets }
    }

    /// The path of a child of a node that is split by `column`.
    pub(crate) fn after(&self, path: &Path, column: u16) -> Path {
        let holds = |set: &usize| self.sets[*set][usize::from(column)];
        let open = match path {
            Path::Any => (0..self.sets.len()).filter(holds).collect(),
            Path::Within { open, .. } => open.iter().copied().filter(holds).collect(),
        };
        Path::Within { column, open }
    }

    /// Takes the flags of columns off that a node on `path` may not be split by.
    pub(crate) fn restrict(&self, path: &Path, allowed: &mut [bool]) {
        let Path::Within { column: used, open } = path else {
            return;
        };
        for (column, allowed) in allowed.iter_mut().enumerate() {
            *allowed &=
                column == usize::from(*used) || open.iter().any(|set| self.sets[*set][column]);
        }
    }
}
