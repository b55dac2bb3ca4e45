//! Files that were damaged or made to do harm: an error or a table, never a panic.

use std::path::Path;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Decimal128Array, Float64Array, Int64Array, ListArray, ListBuilder,
    RecordBatch, StringArray, StringBuilder, TimestampMicrosecondArray,
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

/// Text, 225 of 300 rows not null, and lists of text.
fn texts() -> [(&'static str, ArrayRef); 2] {
    let text = StringArray::from_iter((0..300).map(|i| (i % 4 != 0).then(|| format!("text {i}"))));
    let mut lists = ListBuilder::new(StringBuilder::new());
    for i in 0..300 {
        let items = (0..i % 5).map(|k| (k != 2).then(|| format!("item {i}")));
        lists.append_option((i % 7 != 0).then_some(items));
    }
    [("t", Arc::new(text)), ("l", Arc::new(lists.finish()))]
}

/// A file with delta-encoded text.
fn delta_text(
    columns: impl IntoIterator<Item = (&'static str, ArrayRef)>,
    encoding: Encoding,
    version: WriterVersion,
    codec: Compression,
) -> Vec<u8> {
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let properties = WriterProperties::builder()
        .set_dictionary_enabled(false)
        .set_encoding(encoding)
        .set_compression(codec)
        .set_writer_version(version)
        .build();
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    bytes
}

#[test]
fn values_claimed_inside_a_page_reserve_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.parquet");
    // The header of 225 lengths in blocks of 128 with 4 parts, and the same with 2^41 + 97 of them.
    let honest = [0x80, 1, 4, 0xe1, 1];
    let claim = [0x80, 1, 4, 0xe1, 0x80, 0x80, 0x80, 0x80, 0x40];
    for encoding in [
        Encoding::DELTA_LENGTH_BYTE_ARRAY,
        Encoding::DELTA_BYTE_ARRAY,
    ] {
        for version in [WriterVersion::PARQUET_1_0, WriterVersion::PARQUET_2_0] {
            let zstd = Compression::ZSTD(ZstdLevel::try_new(1).unwrap());
            for codec in [Compression::UNCOMPRESSED, Compression::SNAPPY, zstd] {
                let bytes = delta_text(texts(), encoding, version, codec);
                std::fs::write(&path, bytes).unwrap();
                let batch = ParquetReader::new().read(&path).unwrap();
                assert_eq!(batch.columns(), texts().map(|(_, column)| column));
            }
            let text = texts().into_iter().take(1);
            let bytes = delta_text(text, encoding, version, Compression::UNCOMPRESSED);
            let places = bytes.windows(honest.len()).enumerate();
            let places: Vec<usize> = places
                .filter(|(_, at)| *at == honest)
                .map(|(at, _)| at)
                .collect();
            let expected = if encoding == Encoding::DELTA_BYTE_ARRAY {
                2
            } else {
                1
            };
            assert_eq!(places.len(), expected);
            for place in places {
                let mut bytes = bytes.clone();
                bytes[place..place + claim.len()].copy_from_slice(&claim);
                std::fs::write(&path, bytes).unwrap();
                let error = ParquetReader::new().read(&path).unwrap_err().to_string();
                assert!(
                    error.contains("claims more values than its header"),
                    "{error}"
                );
            }
        }
    }
}
