//! The programs' parts, put together.

#[cfg(test)]
mod clean_sales;
#[cfg(test)]
mod whole_loop;
