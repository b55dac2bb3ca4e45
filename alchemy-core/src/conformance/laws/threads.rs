//! One thread or many.

use std::thread;

use arrow::array::RecordBatch;
use rayon::ThreadPoolBuilder;

use crate::conformance::Law;
use crate::conformance::check::{Outcome, equal, ok, same_batch};
use crate::conformance::held::Held;
use crate::conformance::variants;

/// Sizes of pools to try beside one thread.
const THREADS: [usize; 5] = [2, 3, 4, 8, 16];

/// Times that the largest pool runs: what threads do differs from run to run.
const REPEATS: usize = 20;

/// Threads that share one fitted object.
const SHARING: usize = 8;

/// What was learned, what it gives, and the error where there is nothing to learn from.
type Run = (Vec<u8>, RecordBatch, Option<String>);

pub(in crate::conformance) fn do_not_show<H: Held>(subject: &H) -> Outcome {
    let nulls = ok(variants::all_null(subject.sample()))?;
    let run = || -> Result<Run, String> {
        let fitted = subject.fitted(subject.sample())?;
        let output = subject.applied(&fitted, subject.sample())?;
        let failure = subject.fit(&nulls).err().map(|error| error.to_string());
        Ok((subject.state(&fitted)?, output, failure))
    };
    // Joining makes the work run on a thread of the pool among others, not only in its scope.
    let among_others = || rayon::join(run, || ()).0;
    let pool_of = |threads| ok(ThreadPoolBuilder::new().num_threads(threads).build());
    let one = pool_of(1)?.install(among_others)?;
    equal(&run()?, &one, "outcome in the caller's pool")?;
    for threads in THREADS {
        let pool = pool_of(threads)?;
        let repeats = if threads == 16 { REPEATS } else { 1 };
        for _ in 0..repeats {
            let what = format!("outcome with {threads} threads");
            equal(&pool.install(among_others)?, &one, &what)?;
        }
        if subject.laws_on_any_shape().contains(&Law::CutsDoNotShow) {
            pool.install(|| subject.check_law(Law::CutsDoNotShow))
                .map_err(|message| format!("with {threads} threads: {message}"))?;
        }
    }
    Ok(())
}

pub(in crate::conformance) fn share<H: Held>(subject: &H) -> Outcome {
    let sample = subject.sample();
    let fitted = subject.fitted(sample)?;
    let state = subject.state(&fitted)?;
    let expected = subject.applied(&fitted, sample)?;
    let other = sample.slice(0, sample.num_rows() / 2);
    let use_it = || -> Outcome {
        // Another fit at the same time must not be seen; whether it works is not asked here.
        drop(subject.fit(&other));
        let found = subject.applied(&fitted, sample)?;
        same_batch(&found, &expected, "of one thread among several")
    };
    let outcomes: Vec<Outcome> = thread::scope(|scope| {
        let threads: Vec<_> = (0..SHARING).map(|_| scope.spawn(use_it)).collect();
        let join = |thread: thread::ScopedJoinHandle<'_, Outcome>| {
            thread
                .join()
                .unwrap_or_else(|_| Err("a thread of several panics".into()))
        };
        threads.into_iter().map(join).collect()
    });
    outcomes.into_iter().collect::<Outcome>()?;
    equal(&subject.state(&fitted)?, &state, "state after shared use")
}
