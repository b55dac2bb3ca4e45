use std::path::Path;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, AsArray, Date32Array, Float64Array, Int32Array, RecordBatch, RecordBatchReader,
    StringArray, UInt32Array,
};
use arrow::compute::{concat_batches, take_record_batch};
use arrow::datatypes::DataType;

use super::*;
use crate::{Error, Limits};

fn batch() -> RecordBatch {
    let numbers = Int32Array::from_iter((0..200_000).map(|i| (i % 7 != 0).then_some(i)));
    let text = StringArray::from_iter_values((0..200_000).map(|i| format!("row {}", i % 100)));
    let floats = Float64Array::from_iter_values((0..200_000).map(f64::from));
    RecordBatch::try_from_iter([
        ("n", Arc::new(numbers) as ArrayRef),
        ("t", Arc::new(text)),
        ("f", Arc::new(floats)),
    ])
    .unwrap()
}

#[test]
fn a_batch_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.parquet");
    let written = batch();
    write_parquet(&path, &written).unwrap();
    assert_eq!(ParquetReader::new().read(&path).unwrap(), written);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    let empty = written.slice(0, 0);
    write_parquet(&path, &empty).unwrap();
    assert_eq!(ParquetReader::new().read(&path).unwrap(), empty);
}

#[test]
fn columns_come_in_the_order_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.parquet");
    let written = batch();
    write_parquet(&path, &written).unwrap();
    let reader = ParquetReader::new().with_columns(["f", "n"]);
    assert_eq!(
        reader.read(&path).unwrap(),
        written.project(&[2, 0]).unwrap()
    );
    let stream = reader.open(&path).unwrap();
    let schema = stream.schema();
    let batches: Vec<RecordBatch> = stream.map(|batch| batch.unwrap()).collect();
    assert!(batches.len() > 1);
    assert_eq!(
        concat_batches(&schema, &batches).unwrap(),
        written.project(&[2, 0]).unwrap()
    );
    let error = ParquetReader::new()
        .with_columns(["T"])
        .read(&path)
        .unwrap_err();
    assert_eq!(error.to_string(), "no column \"T\"; did you mean \"t\"?");
}

#[test]
fn damage_names_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.parquet");
    assert!(matches!(
        ParquetReader::new().read(&path),
        Err(Error::Io { .. })
    ));
    std::fs::write(&path, b"not parquet at all").unwrap();
    let error = ParquetReader::new().read(&path).unwrap_err();
    assert!(error.to_string().contains("a.parquet: "), "{error}");
    write_parquet(&path, &batch()).unwrap();
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[4..40].fill(0xa5);
    std::fs::write(&path, bytes).unwrap();
    let error = ParquetReader::new().read(&path).unwrap_err();
    assert!(error.to_string().contains("a.parquet: "), "{error}");
}

/// A batch of 1000 rows of which row groups hold 100 each.
fn grouped(path: &Path) -> RecordBatch {
    let numbers = Int32Array::from_iter((0..1000).map(|i| (i % 10 != 3).then_some(i)));
    let floats = (0..1000).map(|i| if i % 7 == 0 { f64::NAN } else { f64::from(i) });
    let days = Date32Array::from_iter_values(0..1000);
    let text = StringArray::from_iter_values((0..1000).map(|i| format!("{i:04}")));
    let batch = RecordBatch::try_from_iter([
        ("n", Arc::new(numbers) as ArrayRef),
        ("f", Arc::new(Float64Array::from_iter_values(floats))),
        ("d", Arc::new(days)),
        ("t", Arc::new(text)),
    ])
    .unwrap();
    let properties = parquet::file::properties::WriterProperties::builder()
        .set_max_row_group_row_count(Some(100))
        .build();
    let file = std::fs::File::create(path).unwrap();
    let mut writer =
        parquet::arrow::ArrowWriter::try_new(file, batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    batch
}

fn rows(batch: &RecordBatch, keep: impl Fn(u32) -> bool) -> RecordBatch {
    let rows: UInt32Array = (0..1000).filter(|row| keep(*row)).collect();
    take_record_batch(batch, &rows).unwrap()
}

#[test]
fn ranges_leave_out_rows_and_row_groups() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.parquet");
    let all = grouped(&path);
    let check = |reader: ParquetReader, expected: RecordBatch| {
        assert_eq!(reader.read(&path).unwrap(), expected);
        let stream = reader.with_batch_rows(64).open(&path).unwrap();
        let batches: Vec<_> = stream.map(|batch| batch.unwrap()).collect();
        assert!(
            batches
                .iter()
                .all(|batch| (1..=64).contains(&batch.num_rows()))
        );
        assert_eq!(concat_batches(&all.schema(), &batches).unwrap(), expected);
    };
    let reader = ParquetReader::new;
    check(
        reader().with_range("n", 250..=305),
        rows(&all, |i| (250..=305).contains(&i) && i % 10 != 3),
    );
    check(
        reader().with_range("f", 990.5..),
        rows(&all, |i| i > 990 && i % 7 != 0),
    );
    check(
        reader().with_range("t", "0099".."0102"),
        rows(&all, |i| (99..102).contains(&i)),
    );
    check(
        reader().with_range("d", "1970-01-11"..="1970-01-12"),
        rows(&all, |i| i == 10 || i == 11),
    );
    check(
        reader().with_range("n", ..50).with_range("n", 40..),
        rows(&all, |i| (40..50).contains(&i) && i % 10 != 3),
    );
    check(reader().with_range("n", 5000..), rows(&all, |_| false));
    let one = reader().with_columns(["t"]).with_range("n", 7..8);
    let one = one.read(&path).unwrap();
    assert_eq!((one.num_rows(), one.num_columns()), (1, 1));
    assert_eq!(one.column(0).as_string::<i32>().value(0), "0007");
    let error = reader().with_range("m", 1..).read(&path).unwrap_err();
    assert!(matches!(error, Error::ColumnNotFound { .. }), "{error}");
    let error = reader().with_range("t", 1..).read(&path).unwrap_err();
    assert!(matches!(error, Error::ColumnType { .. }), "{error}");
}

#[test]
fn row_groups_outside_a_range_are_not_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.parquet");
    let all = grouped(&path);
    // The first row group's pages are damaged, which shows when they are read.
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[4..200].fill(0xa5);
    std::fs::write(&path, bytes).unwrap();
    assert!(ParquetReader::new().read(&path).is_err());
    let reader = ParquetReader::new().with_range("d", "1970-05-01"..);
    assert_eq!(reader.read(&path).unwrap(), rows(&all, |i| i >= 120));
}

#[test]
fn files_of_a_folder_are_one_table() {
    let folder = tempfile::tempdir().unwrap();
    let all = batch();
    let path = |name: &str| folder.path().join(name);
    std::fs::create_dir(path("sub")).unwrap();
    write_parquet(path("b.parquet"), &all.slice(1000, 500)).unwrap();
    write_parquet(path("a.parquet"), &all.slice(0, 1000)).unwrap();
    write_parquet(path("sub/c.parquet"), &all.slice(1500, 1)).unwrap();
    std::fs::write(path("_SUCCESS"), "").unwrap();
    std::fs::write(path(".hidden.parquet"), "").unwrap();
    let whole = all.slice(0, 1501);
    let reader = ParquetReader::new();
    assert_eq!(reader.read(folder.path()).unwrap(), whole);
    let stream = reader.open(folder.path()).unwrap();
    let batches: Vec<_> = stream.map(|batch| batch.unwrap()).collect();
    assert_eq!(concat_batches(&all.schema(), &batches).unwrap(), whole);
    let two = reader.read_files([path("b.parquet"), path("sub/c.parquet")]);
    assert_eq!(two.unwrap(), all.slice(1000, 501));
    let nothing: [&Path; 0] = [];
    assert!(matches!(
        reader.read_files(nothing),
        Err(Error::InvalidParameter { .. })
    ));
}

#[test]
fn files_that_differ_name_file_and_column() {
    let folder = tempfile::tempdir().unwrap();
    let all = batch().slice(0, 3);
    let path = |name: &str| folder.path().join(name);
    write_parquet(path("a.parquet"), &all.project(&[0, 1]).unwrap()).unwrap();
    let message = |batch: &RecordBatch| {
        write_parquet(path("b.parquet"), batch).unwrap();
        let error = ParquetReader::new().read(folder.path()).unwrap_err();
        let text = error.to_string();
        text[text.find("b.parquet").unwrap()..].to_owned()
    };
    assert_eq!(
        message(&all),
        "b.parquet: column \"f\": is not in the first file of the table"
    );
    assert_eq!(
        message(&all.project(&[0]).unwrap()),
        "b.parquet: column \"t\": is not in the file, as it is in the first"
    );
    let other = [("n", all.column(2).clone()), ("t", all.column(1).clone())];
    assert_eq!(
        message(&RecordBatch::try_from_iter(other).unwrap()),
        "b.parquet: column \"n\": is Float64, and in the first file Int32"
    );
    // The order of columns is the first file's, and a column that is not asked for need not agree.
    let swapped = all.project(&[1, 0]).unwrap();
    write_parquet(path("b.parquet"), &swapped).unwrap();
    assert_eq!(
        ParquetReader::new().read(folder.path()).unwrap().num_rows(),
        6
    );
    write_parquet(path("b.parquet"), &all).unwrap();
    let some = ParquetReader::new().with_columns(["t", "n"]);
    assert_eq!(some.read(folder.path()).unwrap().num_rows(), 6);
}

#[test]
fn partitions_come_back_with_their_values() {
    let folder = tempfile::tempdir().unwrap();
    let lake = folder.path().join("lake");
    let names = [
        Some("a/b"),
        None,
        Some("ü=%41"),
        Some(""),
        Some("__HIVE_DEFAULT_PARTITION__"),
    ];
    let name = StringArray::from_iter((0..500).map(|i| names[i % 5]));
    let day = Date32Array::from_iter((0..500).map(|i| (i % 3 != 0).then_some(i % 3)));
    let id = Int32Array::from_iter_values(0..500);
    let batch = RecordBatch::try_from_iter([
        ("ds", Arc::new(day) as ArrayRef),
        ("id", Arc::new(id)),
        ("name", Arc::new(name)),
    ])
    .unwrap();
    let writer = ParquetWriter::new()
        .with_compression(ParquetCompression::Zstd)
        .partition_by("ds")
        .partition_by("name");
    writer.write(&lake, &batch).unwrap();
    let file = lake.join("ds=__HIVE_DEFAULT_PARTITION__/name=a%2Fb/part-0.parquet");
    assert!(file.exists());
    let back = ParquetReader::new().with_columns(["ds", "id", "name"]);
    let sorted = |batch: &RecordBatch| {
        let order = arrow::compute::sort_to_indices(batch.column(1), None, None).unwrap();
        take_record_batch(batch, &order).unwrap()
    };
    let read = sorted(&back.read(&lake).unwrap());
    assert_eq!(read.columns(), batch.columns());
    let stream = back.with_range("ds", "1970-01-03"..).open(&lake).unwrap();
    let batches: Vec<_> = stream.map(|batch| batch.unwrap()).collect();
    assert_eq!(
        batches.iter().map(RecordBatch::num_rows).sum::<usize>(),
        166
    );
    let text = ParquetReader::new()
        .with_columns(["name"])
        .with_range("name", "a".."b");
    assert_eq!(text.read(&lake).unwrap().num_rows(), 100);
    // Written in pieces, the files are the same.
    let again = folder.path().join("again");
    let stream = arrow::array::RecordBatchIterator::new(
        (0..50).map(|i| Ok(batch.slice(i * 10, 10))),
        batch.schema(),
    );
    writer.write_stream(&again, stream).unwrap();
    assert_eq!(
        ParquetReader::new().read(&again).unwrap(),
        ParquetReader::new().read(&lake).unwrap()
    );
}

#[test]
fn partitions_that_cannot_be_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let lake = folder.path().join("lake");
    let all = batch().slice(0, 5000);
    let error = ParquetWriter::new()
        .partition_by("n")
        .write(&lake, &all)
        .unwrap_err();
    assert!(
        error.to_string().contains("more than 1000 partitions"),
        "{error}"
    );
    // Nothing but empty folders is left.
    let reader = ParquetReader::new();
    assert!(matches!(reader.read(&lake), Err(Error::Read { .. })));
    let error = ParquetWriter::new().partition_by("f").write(&lake, &all);
    assert!(matches!(error, Err(Error::ColumnType { .. })));
    let one = all.project(&[1]).unwrap();
    assert!(
        ParquetWriter::new()
            .partition_by("t")
            .write(&lake, &one)
            .is_err()
    );
    assert!(
        ParquetWriter::new()
            .partition_by("x")
            .write(&lake, &one)
            .is_err()
    );
    let clash = folder.path().join("clash");
    std::fs::create_dir_all(clash.join("t=1")).unwrap();
    write_parquet(clash.join("t=1/a.parquet"), &one).unwrap();
    let error = reader.read(&clash).unwrap_err().to_string();
    assert!(
        error.ends_with("column \"t\": is a column of the file and stands in its path too"),
        "{error}"
    );
}

#[test]
fn limits_of_columns_and_rows_hold() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.parquet");
    write_parquet(&path, &batch()).unwrap();
    let limited = |limits: Limits| {
        let reader = ParquetReader::new().with_limits(limits);
        reader.read(&path).unwrap_err().to_string()
    };
    let error = limited(Limits::new().with_max_columns(2));
    assert!(
        error.ends_with("has 3 columns, more than the limit of 2"),
        "{error}"
    );
    let error = limited(Limits::new().with_max_batch_rows(1000));
    assert!(
        error.contains("more rows than the limit of 1000"),
        "{error}"
    );
    let error = limited(Limits::new().with_max_decompressed_bytes(1000));
    assert!(
        error.contains("a page becomes more than the limit of 1000 bytes"),
        "{error}"
    );
    let small = Limits::new().with_max_batch_rows(1000);
    let stream = ParquetReader::new().with_limits(small).open(&path).unwrap();
    let most = stream.map(|batch| batch.unwrap().num_rows()).max();
    assert_eq!(most, Some(1000));
}

#[test]
fn a_file_is_written_from_a_stream() {
    let folder = tempfile::tempdir().unwrap();
    let (from, to) = (
        folder.path().join("a.parquet"),
        folder.path().join("b.parquet"),
    );
    let all = batch();
    write_parquet(&from, &all).unwrap();
    let stream = ParquetReader::new().open(&from).unwrap();
    let writer = ParquetWriter::new().with_compression(ParquetCompression::Uncompressed);
    writer.write_stream(&to, stream).unwrap();
    assert_eq!(ParquetReader::new().read(&to).unwrap(), all);
    assert_eq!(all.schema().field(0).data_type(), &DataType::Int32);
    let failing = arrow::array::RecordBatchIterator::new(
        [Ok(all.slice(0, 5)), Err(Error::Cancelled)]
            .map(|batch| batch.map_err(crate::ingest::failure::into_arrow)),
        all.schema(),
    );
    let error = writer.write_stream(&to, failing).unwrap_err();
    assert!(matches!(error, Error::Cancelled), "{error}");
    assert_eq!(ParquetReader::new().read(&to).unwrap(), all);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
    assert!(
        writer
            .write(folder.path().join("no/folder.parquet"), &all)
            .is_err()
    );
}
