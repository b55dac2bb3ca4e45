//! Files that were damaged or made to do harm: an error or a table, never a panic.

use std::path::Path;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Decimal128Array, Float64Array, Int64Array, ListArray, RecordBatch,
    StringArray, TimestampMicrosecondArray,
};
use arrow::datatypes::Int32Type;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::file::properties::{WriterProperties, WriterVersion};

use super::ParquetReader;
use crate::random::Stream;

fn sample() -> RecordBatch {
    let ints = Int64Array::from_iter((0..60).map(|i| (i % 5 != 0).then_some(i * i)));
    let text =
        StringArray::from_iter((0..60).map(|i| (i % 7 != 0).then(|| format!("t{}", i % 11))));
    let times = TimestampMicrosecondArray::from_iter_values((0..60).map(|i| i * 1_000_003));
    let money = Decimal128Array::from_iter_values((0..60).map(|i| i * 100));
    let lists = ListArray::from_iter_primitive::<Int32Type, _, _>(
        (0..60).map(|i| (i % 4 != 0).then(|| (0..i % 3).map(Some).collect::<Vec<_>>())),
    );
    let columns: [(&str, ArrayRef); 7] = [
        ("i", Arc::new(ints)),
        ("t", Arc::new(text)),
        (
            "f",
            Arc::new(Float64Array::from_iter_values((0..60).map(f64::from))),
        ),
        (
            "b",
            Arc::new(BooleanArray::from_iter((0..60).map(|i| Some(i % 3 == 0)))),
        ),
        ("ts", Arc::new(times)),
        (
            "m",
            Arc::new(money.with_precision_and_scale(20, 2).unwrap()),
        ),
        ("l", Arc::new(lists)),
    ];
    RecordBatch::try_from_iter(columns).unwrap()
}

fn file(properties: WriterProperties) -> Vec<u8> {
    let mut bytes = Vec::new();
    let batch = sample();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    bytes
}

fn files() -> Vec<Vec<u8>> {
    let properties = || WriterProperties::builder().set_max_row_group_row_count(Some(40));
    let zstd = Compression::ZSTD(ZstdLevel::try_new(1).unwrap());
    vec![
        file(properties().set_compression(Compression::SNAPPY).build()),
        file(
            properties()
                .set_compression(zstd)
                .set_writer_version(WriterVersion::PARQUET_2_0)
                .set_dictionary_enabled(false)
                .build(),
        ),
        file(
            properties()
                .set_dictionary_enabled(false)
                .set_column_encoding("i".into(), Encoding::DELTA_BINARY_PACKED)
                .set_column_encoding("t".into(), Encoding::DELTA_BYTE_ARRAY)
                .build(),
        ),
    ]
}

/// Reads a file in every way; the number of ways that succeeded.
fn read(path: &Path) -> usize {
    let whole = ParquetReader::new().read(path).is_ok();
    let ranged = ParquetReader::new()
        .with_range("i", 100..900)
        .read(path)
        .is_ok();
    let streamed = ParquetReader::new()
        .with_batch_rows(7)
        .open(path)
        .is_ok_and(|stream| {
            stream
                .map(|batch| batch.is_ok())
                .fold(true, |all, ok| all & ok)
        });
    usize::from(whole) + usize::from(ranged) + usize::from(streamed)
}

#[test]
fn a_changed_byte_is_an_error_or_another_table() {
    const MUTATIONS: u64 = 1000;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.parquet");
    for (which, original) in files().into_iter().enumerate() {
        std::fs::write(&path, &original).unwrap();
        assert_eq!(read(&path), 3);
        let mut random = Stream::new(7, &[which as u64]);
        let mut failed = 0;
        for _ in 0..MUTATIONS {
            let mut bytes = original.clone();
            for _ in 0..=random.below(3) {
                let at = usize::try_from(random.below(bytes.len() as u64)).unwrap();
                bytes[at] = u8::try_from(random.below(256)).unwrap();
            }
            std::fs::write(&path, bytes).unwrap();
            failed += usize::from(read(&path) < 3);
        }
        // Most of a small file is structure.
        assert!(
            failed > 200,
            "file {which}: {failed} of {MUTATIONS} changes were noticed"
        );
    }
}

#[test]
fn every_cut_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.parquet");
    let original = files().swap_remove(0);
    for end in (0..original.len()).step_by(13) {
        std::fs::write(&path, &original[..end]).unwrap();
        assert_eq!(read(&path), 0, "{end}");
    }
}

/// A file of nothing but this footer.
fn footer_only(footer: &[u8]) -> Vec<u8> {
    let size = u32::try_from(footer.len()).unwrap().to_le_bytes();
    [b"PAR1", footer, &size[..], b"PAR1"].concat()
}

#[test]
fn claimed_sizes_reserve_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.parquet");
    let refused = |bytes: &[u8], reason: &str| {
        std::fs::write(&path, bytes).unwrap();
        let error = ParquetReader::new().read(&path).unwrap_err().to_string();
        assert!(error.contains(reason), "{error}");
    };
    refused(
        b"PAR1\xff\xff\xff\x7fPAR1",
        "footer is larger than the file",
    );
    refused(b"PAR1", "is not Parquet");
    // version 1, then 2^31 - 1 row groups in a list of no bytes.
    let schema = [0x15, 2, 0x19, 0x1c, 0x48, 1, b's', 0x15, 2, 0, 0x16, 0];
    let groups = [&schema[..], &[0x19, 0xfc, 0xff, 0xff, 0xff, 0xff, 7, 0]].concat();
    refused(&footer_only(&groups), "footer cannot be read");
    // One element that claims 2^31 - 1 children.
    let children = [
        0x15, 2, 0x19, 0x1c, 0x48, 1, b's', 0x15, 0xfe, 0xff, 0xff, 0xff, 0xf, 0, 0,
    ];
    refused(&footer_only(&children), "its schema is no tree");
    // Groups inside one another, each with one child: a decoder would go down a call for each.
    let element = [0x48, 1, b's', 0x15, 2, 0];
    let mut deep = vec![0x15, 2, 0x19, 0xfc, 0xa0, 0x8d, 6];
    deep.extend(element.repeat(100_000));
    deep.push(0);
    refused(&footer_only(&deep), "its schema is no tree, or too deep");
}
