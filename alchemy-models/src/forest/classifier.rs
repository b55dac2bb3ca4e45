//! A random forest for a class.

use alchemy_core::arrow::array::{ArrayRef, RecordBatch};
use alchemy_core::{Classify, Context, Error, Fit, Model, Predict, Result};
use serde::{Deserialize, Serialize};

use super::bag::Bag;
use super::class_shares::ClassShares;
use super::ensemble::Ensemble;
use super::fit::Prepared;
use super::params::{MaxFeatures, Params, forest_setters};
use crate::classes::Classes;
use crate::dataset::{Columns, column_setters};
use crate::importance::Importance;
use crate::table::Table;
use crate::tree::node::Tree;

/// The most classes that a histogram is laid out for.
const MOST_CLASSES: usize = 256;

/// Learns to predict a class by averaging trees, each grown on rows drawn at random.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RandomForestClassifier {
    columns: Columns,
    params: Params,
}

impl RandomForestClassifier {
    /// A forest with default parameters.
    #[must_use]
    pub fn new() -> Self {
        Self {
            columns: Columns::default(),
            params: Params::new(MaxFeatures::Sqrt),
        }
    }

    /// How many features are tried for each split. Default: [`MaxFeatures::Sqrt`].
    #[must_use]
    pub fn with_max_features(mut self, max_features: MaxFeatures) -> Self {
        self.params.max_features = max_features;
        self
    }

    column_setters!();
    forest_setters!();
}

impl Default for RandomForestClassifier {
    fn default() -> Self {
        Self::new()
    }
}

impl Fit for RandomForestClassifier {
    type Fitted = FittedRandomForestClassifier;

    fn fit_with(&self, batch: &RecordBatch, context: &Context) -> Result<Self::Fitted> {
        let (prepared, (classes, codes)) =
            Prepared::new(&self.params, &self.columns, batch, read_classes)?;
        let num_classes = classes.len();
        let ensemble = prepared.forest(num_classes, context, |prepared, tree, bag| {
            let codes: Vec<u32> = bag.rows.iter().map(|row| codes[*row as usize]).collect();
            let classes = Labelled {
                codes: &codes,
                num_classes,
            };
            match num_classes {
                2 => classes.tree::<2>(prepared, tree, bag),
                3..=4 => classes.tree::<4>(prepared, tree, bag),
                5..=8 => classes.tree::<8>(prepared, tree, bag),
                9..=32 => classes.tree::<32>(prepared, tree, bag),
                _ => classes.tree::<MOST_CLASSES>(prepared, tree, bag),
            }
        })?;
        Ok(FittedRandomForestClassifier { ensemble, classes })
    }
}

fn read_classes(table: Table<'_>, name: &str) -> Result<(Classes, Vec<u32>)> {
    let (classes, codes) = Classes::learn(table, name)?;
    if classes.len() > MOST_CLASSES {
        let message = format!("has {} classes, more than {MOST_CLASSES}", classes.len());
        return Err(Error::InvalidTarget {
            column: name.to_owned(),
            message,
        });
    }
    Ok((classes, codes))
}

/// The classes of a bag's rows.
#[derive(Debug, Clone, Copy)]
struct Labelled<'a> {
    codes: &'a [u32],
    num_classes: usize,
}

impl Labelled<'_> {
    /// Grows a tree whose histograms have room for `K` classes.
    fn tree<const K: usize>(self, prepared: &Prepared<'_>, tree: u64, bag: &Bag) -> Tree {
        prepared.tree(
            tree,
            bag,
            ClassShares::<K>::new(self.codes, &bag.weights, self.num_classes),
        )
    }
}

/// A fitted [`RandomForestClassifier`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Stored")]
pub struct FittedRandomForestClassifier {
    ensemble: Ensemble,
    classes: Classes,
}

#[derive(Deserialize)]
struct Stored {
    ensemble: Ensemble,
    classes: Classes,
}

impl TryFrom<Stored> for FittedRandomForestClassifier {
    type Error = &'static str;

    fn try_from(Stored { ensemble, classes }: Stored) -> Result<Self, &'static str> {
        if ensemble.outputs() == classes.len() {
            Ok(Self { ensemble, classes })
        } else {
            Err("there are more or fewer classes than outputs")
        }
    }
}

impl FittedRandomForestClassifier {
    /// How many trees the forest has.
    #[must_use]
    pub fn num_trees(&self) -> usize {
        self.ensemble.num_trees()
    }

    /// How much each feature took part in the splits, in the order of the features.
    #[must_use]
    pub fn importance(&self) -> Vec<Importance> {
        self.ensemble.importance()
    }
}

impl Predict for FittedRandomForestClassifier {
    fn features(&self) -> &[String] {
        self.ensemble.features()
    }

    /// The most probable class; of equals the lowest.
    fn predict(&self, batch: &RecordBatch) -> Result<ArrayRef> {
        self.classes.most_probable(&self.ensemble.means(batch)?)
    }

    fn as_classifier(&self) -> Option<&dyn Classify> {
        Some(self)
    }
}

impl Classify for FittedRandomForestClassifier {
    fn classes(&self) -> &ArrayRef {
        self.classes.values()
    }

    fn predict_proba(&self, batch: &RecordBatch) -> Result<RecordBatch> {
        self.classes.batch(self.ensemble.means(batch)?)
    }
}

impl Model for FittedRandomForestClassifier {
    const NAME: &'static str = "alchemy-models/random_forest_classifier";
}
