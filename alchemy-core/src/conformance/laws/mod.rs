//! One function per law that steps and models share.

pub(super) mod columns;
pub(super) mod fit;
pub(super) mod layout;
pub(super) mod numeric_types;
pub(super) mod rows;
pub(super) mod shapes;
pub(super) mod threads;
