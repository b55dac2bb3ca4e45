//! One run of rows through stages, batch after batch.

use std::sync::Arc;

use arrow::array::RecordBatch;

use crate::erased::DynStep;
use crate::keyed::Live;
use crate::traits::{Reach, RowPass};
use crate::{Error, Ledger, Result};

/// Stages at work; those that look across rows remember from batch to batch.
#[derive(Default)]
pub(super) struct Pass {
    stages: Vec<Running>,
}

enum Running {
    Rows(&'static str, Box<dyn RowPass>),
    Step(Arc<dyn DynStep>),
    Live(&'static str, Box<dyn Live>),
}

impl Pass {
    pub(super) fn rows(&mut self, name: &'static str, rows: Box<dyn RowPass>) {
        self.stages.push(Running::Rows(name, rows));
    }

    pub(super) fn step(&mut self, step: &Arc<dyn DynStep>) {
        self.stages.push(match step.reach() {
            Reach::Past(live) => Running::Live(step.name_dyn(), live),
            Reach::Row | Reach::Table => Running::Step(step.clone()),
        });
    }

    /// Runs the next rows through all stages.
    pub(super) fn run(
        &mut self,
        mut batch: RecordBatch,
        ledger: &mut Ledger,
    ) -> Result<RecordBatch> {
        for stage in &mut self.stages {
            batch = match stage {
                Running::Rows(name, rows) => rows.select(name, &batch, ledger)?,
                Running::Step(step) => run_step(step.as_ref(), &batch, ledger)?,
                Running::Live(name, live) => {
                    ledger.enter(name);
                    let out = live.push(&batch, ledger)?;
                    check_rows(name, batch.num_rows(), out.num_rows())?;
                    ledger.record_rows(batch.num_rows(), out.num_rows());
                    out
                }
            };
        }
        Ok(batch)
    }

    /// The machines that remember, with their step's name, in order.
    pub(super) fn lives(&mut self) -> impl Iterator<Item = (&'static str, &mut Box<dyn Live>)> {
        self.stages.iter_mut().filter_map(|stage| match stage {
            Running::Live(name, live) => Some((*name, live)),
            Running::Rows(..) | Running::Step(_) => None,
        })
    }
}

/// Runs one step and checks that it kept the rows.
pub(super) fn run_step(
    step: &dyn DynStep,
    batch: &RecordBatch,
    ledger: &mut Ledger,
) -> Result<RecordBatch> {
    ledger.enter(step.name_dyn());
    let out = step.transform_with(batch, ledger)?;
    check_rows(step.name_dyn(), batch.num_rows(), out.num_rows())?;
    ledger.record_rows(batch.num_rows(), out.num_rows());
    Ok(out)
}

pub(super) fn check_rows(step: &str, before: usize, after: usize) -> Result<()> {
    if before == after {
        Ok(())
    } else {
        Err(Error::RowsChanged {
            step: step.to_owned(),
            before,
            after,
        })
    }
}
