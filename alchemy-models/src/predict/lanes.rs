//! Small trees side by side, for one row that takes the steps of many together.

use super::steps::{Step, StepTrees};

/// Trees side by side.
pub(super) const LANES: usize = 64;

/// The most planes of a row that takes steps in lanes: they are looked up in so many bytes.
pub(super) const MOST_PLANES: usize = 128;

/// With it the places of the first 16 planes are 0x70 to 0x7f, whose low half is what a shuffle looks up, and those of all
/// others have the high bit, for which a shuffle gives 0.
pub(super) const SHIFT: u8 = 0x70;

/// One step of each of 64 trees; a tree that has no more steps moves by 0.
#[derive(Debug, Clone, PartialEq)]
#[repr(align(64))]
pub(super) struct LaneStep {
    /// The place of the plane and [`SHIFT`].
    pub(super) plane: [u8; LANES],
    pub(super) from: [u8; LANES],
    /// The bits of the step's.
    pub(super) threshold: [u8; LANES],
    pub(super) by: [u8; LANES],
}

impl LaneStep {
    const STAY: Self = Self {
        plane: [SHIFT; LANES],
        from: [0; LANES],
        threshold: [0; LANES],
        by: [0; LANES],
    };

    /// Puts `step` in `lane`; a plane beyond [`MOST_PLANES`] has no place.
    fn put(&mut self, lane: usize, step: Step) -> Option<()> {
        self.plane[lane] = SHIFT + u8::try_from(step.plane).ok()?;
        self.from[lane] = step.from;
        self.threshold[lane] = step.threshold.cast_unsigned();
        self.by[lane] = step.by;
        Some(())
    }
}

/// The steps of trees, 64 trees side by side.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Lanes {
    steps: Vec<LaneStep>,
    /// The end of each group's steps.
    ends: Vec<usize>,
}

impl Lanes {
    /// The steps of `trees`, which read `num_planes` planes; `None` if these are too many.
    pub(super) fn new(trees: &StepTrees, num_planes: usize) -> Option<Self> {
        if num_planes > MOST_PLANES {
            return None;
        }
        let mut lanes = Self {
            steps: Vec::new(),
            ends: Vec::new(),
        };
        let moving = |steps: &[Step]| steps.iter().filter(|step| step.by > 0).copied().collect();
        let trees: Vec<Vec<Step>> = trees.trees().map(moving).collect();
        for group in trees.chunks(LANES) {
            let start = lanes.steps.len();
            let longest = group.iter().map(Vec::len).max().unwrap_or(0);
            lanes.steps.resize(start + longest, LaneStep::STAY);
            for (lane, tree) in group.iter().enumerate() {
                for (step, out) in tree.iter().zip(&mut lanes.steps[start..]) {
                    out.put(lane, *step)?;
                }
            }
            lanes.ends.push(lanes.steps.len());
        }
        Some(lanes)
    }

    /// The steps of each group of trees.
    pub(super) fn groups(&self) -> impl Iterator<Item = &[LaneStep]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts
            .zip(&self.ends)
            .map(|(start, end)| &self.steps[start..*end])
    }
}
