//! The pass over a tree, compiled for AVX2.

#![cfg_attr(
    target_arch = "x86_64",
    expect(
        unsafe_code,
        reason = "a function compiled for AVX2 is called after the processor was asked whether it has it"
    )
)]

use super::kernel::Pass;

/// Proof that the processor has AVX2.
#[derive(Debug, Clone, Copy)]
pub(super) struct Avx2(());

#[cfg(not(target_arch = "x86_64"))]
impl Avx2 {
    pub(super) fn detect() -> Option<Self> {
        None
    }

    pub(super) fn add<const N: usize, const L: usize>(
        self,
        pass: Pass<'_, N>,
        num_columns: usize,
        bins: &[[u8; L]],
        found: &mut [[f64; L]],
    ) {
        pass.add(num_columns, bins, found);
    }
}

#[cfg(target_arch = "x86_64")]
impl Avx2 {
    /// Asks the processor, once per process.
    pub(super) fn detect() -> Option<Self> {
        std::arch::is_x86_feature_detected!("avx2").then_some(Self(()))
    }

    /// As [`Pass::add`], the same bits.
    pub(super) fn add<const N: usize, const L: usize>(
        self,
        pass: Pass<'_, N>,
        num_columns: usize,
        bins: &[[u8; L]],
        found: &mut [[f64; L]],
    ) {
        // SAFETY: `self` exists only where AVX2 was detected.
        unsafe { add(pass, num_columns, bins, found) }
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn add<const N: usize, const L: usize>(
    pass: Pass<'_, N>,
    num_columns: usize,
    bins: &[[u8; L]],
    found: &mut [[f64; L]],
) {
    pass.add(num_columns, bins, found);
}
