//! How much a file may ask of the process that reads it.

/// Bounds on what a reader accepts, against hostile and broken files.
///
/// A file beyond a bound is an [`Error::Read`](crate::Error::Read) that names the bound. The defaults are far above
/// honest tables and hold on any input; raise one for a file that is known to need it.
///
/// # Examples
///
/// ```
/// # #[cfg(feature = "csv")] {
/// use alchemy_core::{CsvReader, Limits};
///
/// let limits = Limits::new().with_max_columns(2);
/// let error = CsvReader::new().with_limits(limits).read_from("a,b,c\n".as_bytes()).unwrap_err();
/// assert_eq!(error.to_string(), "line 1: has 3 columns, more than the limit of 2");
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    pub(crate) max_columns: usize,
    pub(crate) max_record_bytes: usize,
    pub(crate) max_field_bytes: usize,
    pub(crate) max_decompressed_bytes: u64,
    pub(crate) max_compression_ratio: u64,
    pub(crate) max_batch_rows: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_columns: 100_000,
            max_record_bytes: 64 << 20,
            max_field_bytes: 16 << 20,
            max_decompressed_bytes: 64 << 30,
            max_compression_ratio: 250,
            max_batch_rows: i32::MAX as usize,
        }
    }
}

impl Limits {
    /// The defaults.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The most columns of a table; 100,000 by default.
    #[must_use]
    pub fn with_max_columns(mut self, columns: usize) -> Self {
        self.max_columns = columns;
        self
    }

    /// The most bytes of one record of text, such as a CSV record or a line of JSON; 64 MiB by default. A longer one
    /// is most likely a quote left open.
    #[must_use]
    pub fn with_max_record_bytes(mut self, bytes: usize) -> Self {
        self.max_record_bytes = bytes;
        self
    }

    /// The most bytes of one cell of text; 16 MiB by default.
    #[must_use]
    pub fn with_max_field_bytes(mut self, bytes: usize) -> Self {
        self.max_field_bytes = bytes;
        self
    }

    /// The most bytes that a compressed input may become; 64 GiB by default.
    #[must_use]
    pub fn with_max_decompressed_bytes(mut self, bytes: u64) -> Self {
        self.max_decompressed_bytes = bytes;
        self
    }

    /// How many times its own size a compressed input may become, counted beyond its first 64 MiB; 250 by default.
    /// Text of tables shrinks by 3 to 30; a file made to fill the memory by 1000 and more.
    #[must_use]
    pub fn with_max_compression_ratio(mut self, ratio: u64) -> Self {
        self.max_compression_ratio = ratio;
        self
    }

    /// The most rows of one batch; 2,147,483,647 by default. A table read as a whole is one batch.
    #[must_use]
    pub fn with_max_batch_rows(mut self, rows: usize) -> Self {
        self.max_batch_rows = rows;
        self
    }
}
