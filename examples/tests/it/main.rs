//! The programs' parts, put together.

#[cfg(test)]
mod whole_loop;
