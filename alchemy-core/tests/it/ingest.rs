//! Real files through the readers and writers, and dates against pandas.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use alchemy_core::arrow::array::{Array, AsArray, RecordBatch, RecordBatchReader, StringArray};
use alchemy_core::arrow::compute::{cast, concat_batches};
use alchemy_core::arrow::datatypes::{DataType, Field, Int64Type, Schema, TimeUnit};
use alchemy_core::column::by_name;
use alchemy_core::{
    Action, CsvBatches, CsvReader, CsvWriter, Encoding, Error, Ledger, Limits, OuterSpaces,
    ParquetBatches, ParquetCompression, ParquetReader, ParquetWriter, RaggedRows, write_csv,
};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::data::folder;

/// All batches of a stream as one.
fn joined(stream: impl RecordBatchReader) -> RecordBatch {
    let schema = stream.schema();
    let batches: Vec<_> = stream.map(|batch| batch.unwrap()).collect();
    concat_batches(&schema, &batches).unwrap()
}

#[test]
fn readers_and_writers_cross_threads() {
    fn crosses<T: Send + Sync + std::fmt::Debug>() {}
    fn moves<T: Send + std::fmt::Debug>() {}
    crosses::<(CsvReader, CsvWriter, ParquetReader, ParquetWriter, Limits)>();
    moves::<(CsvBatches, ParquetBatches)>();
}

#[test]
fn dates_are_those_of_pandas() {
    let text = std::fs::read_to_string("tests/golden/dates.json").unwrap();
    let golden: BTreeMap<String, Vec<(String, Option<i64>)>> = serde_json::from_str(&text).unwrap();
    let mut compared = 0;
    let mut different = Vec::new();
    for (form, cells) in golden {
        for (cell, expected) in cells {
            let reader = CsvReader::new().with_columns(["d"]).with_dates("d", &form);
            let found = match reader.read_from(format!("\"{cell}\"\n").as_bytes()) {
                Err(Error::Read { .. }) => None,
                Err(error) => panic!("{form}: {error}"),
                Ok(batch) => {
                    let zone = match batch.column(0).data_type() {
                        DataType::Timestamp(_, zone) => zone.clone(),
                        _ => None,
                    };
                    let micros = DataType::Timestamp(TimeUnit::Microsecond, zone);
                    let micros = cast(batch.column(0), &micros).unwrap();
                    let numbers = cast(&micros, &DataType::Int64).unwrap();
                    Some(numbers.as_primitive::<Int64Type>().value(0))
                }
            };
            if found != expected {
                different.push(format!(
                    "{cell:?} as {form:?}: {found:?}, pandas {expected:?}"
                ));
            }
            compared += 1;
        }
    }
    assert!(compared > 30);
    assert!(different.is_empty(), "{different:#?}");
}

#[test]
fn files_of_days_are_one_table() {
    let Some(folder) = folder() else { return };
    let days = folder.join("retail/by-day");
    let reader = CsvReader::new().with_dates("InvoiceDate", "%Y-%m-%d %H:%M:%S");
    let whole = reader.read(&days).unwrap();
    assert_eq!(whole.num_rows(), 1184 + 1743 + 1832 + 1794);
    let time = DataType::Timestamp(TimeUnit::Microsecond, None);
    assert_eq!(whole.schema().field(4).data_type(), &time);
    assert_eq!(joined(reader.open(&days).unwrap()), whole);
    let names = ["2011-01-04", "2011-01-05", "2011-01-06", "2011-01-07"];
    let paths = names.map(|name| days.join(format!("{name}.csv")));
    let mut ledger = Ledger::new();
    assert_eq!(reader.read_files_with(&paths, &mut ledger).unwrap(), whole);
    assert_eq!(ledger.rows(), 6553);
}

#[test]
fn a_file_is_the_same_compressed_and_in_other_encodings() {
    let Some(folder) = folder() else { return };
    let text = std::fs::read_to_string(folder.join("bike/hour.csv")).unwrap();
    assert!(text.contains("\r\n"));
    let reader = CsvReader::new().with_dates("dteday", "%Y-%m-%d");
    let plain = reader.read_from(text.as_bytes()).unwrap();
    assert_eq!((plain.num_rows(), plain.num_columns()), (17_379, 17));
    let scratch = tempfile::tempdir().unwrap();
    let path = scratch.path().join("hour.csv");
    let utf16: Vec<u8> = format!("\u{feff}{text}")
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(&utf16).unwrap();
    let packed = [zstd(text.as_bytes()), gzip.finish().unwrap(), utf16];
    for bytes in packed {
        std::fs::write(&path, bytes).unwrap();
        assert_eq!(reader.read(&path).unwrap(), plain);
        assert_eq!(joined(reader.open(&path).unwrap()), plain);
    }
    write_csv(&path, &plain).unwrap();
    assert_eq!(reader.read(&path).unwrap(), plain);
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 1).unwrap()
}

#[test]
fn a_file_cut_short_is_an_error_with_its_name() {
    let Some(folder) = folder() else { return };
    let bytes = std::fs::read(folder.join("adult/adult.data")).unwrap();
    let reader = CsvReader::new()
        .with_columns((0..15).map(|i| format!("c{i}")))
        .with_outer_spaces(OuterSpaces::Trim);
    let plain = reader.read_from(&bytes[..]).unwrap();
    let scratch = tempfile::tempdir().unwrap();
    let path = scratch.path().join("adult.gz");
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(&bytes).unwrap();
    let packed = gzip.finish().unwrap();
    std::fs::write(&path, &packed).unwrap();
    assert_eq!(reader.read(&path).unwrap(), plain);
    std::fs::write(&path, &packed[..packed.len() / 2]).unwrap();
    let error = reader.read(&path).unwrap_err().to_string();
    assert!(
        error.contains("adult.gz: is damaged or cut short"),
        "{error}"
    );
}

#[test]
fn months_of_flights_are_one_table() {
    let Some(folder) = folder() else { return };
    let flights = folder.join("nycflights13/flights");
    let all = ParquetReader::new().read(&flights).unwrap();
    assert_eq!((all.num_rows(), all.num_columns()), (336_776, 19));
    assert_eq!(by_name(&all, "dep_time").unwrap().null_count(), 8255);
    assert_eq!(joined(ParquetReader::new().open(&flights).unwrap()), all);
    let february = ParquetReader::new()
        .read(flights.join("2013-02.parquet"))
        .unwrap();
    let range = ParquetReader::new().with_range("month", 2..=2);
    assert_eq!(range.read(&flights).unwrap(), february);
    let first_day = ParquetReader::new()
        .with_columns(["day", "carrier"])
        .with_range("time_hour", "2013-02-01T05:00:00Z".."2013-02-02T05:00:00Z");
    let days = first_day.read(&flights).unwrap();
    assert_eq!(days.num_rows(), count_of(&february, "day", 1));
}

fn count_of(batch: &RecordBatch, column: &str, value: i64) -> usize {
    let numbers = cast(by_name(batch, column).unwrap(), &DataType::Int64).unwrap();
    let numbers = numbers.as_primitive::<Int64Type>();
    numbers
        .iter()
        .filter(|number| *number == Some(value))
        .count()
}

#[test]
fn flights_by_carrier_come_back() {
    let Some(folder) = folder() else { return };
    let flights = folder.join("nycflights13/flights");
    let scratch = tempfile::tempdir().unwrap();
    let lake = scratch.path().join("lake");
    let writer = ParquetWriter::new()
        .with_compression(ParquetCompression::Zstd)
        .partition_by("carrier");
    let two_months = ["2013-01.parquet", "2013-02.parquet"].map(|name| flights.join(name));
    let stream = ParquetReader::new().open_files(&two_months).unwrap();
    writer.write_stream(&lake, stream).unwrap();
    let back = ParquetReader::new().read(&lake).unwrap();
    let all = ParquetReader::new().read_files(&two_months).unwrap();
    assert_eq!((back.num_rows(), back.num_columns()), (all.num_rows(), 19));
    let united = |path: &Path| {
        let names = ["flight", "tailnum", "time_hour", "carrier"];
        let reader = ParquetReader::new()
            .with_columns(names)
            .with_range("carrier", "UA"..="UA");
        reader.read(path).unwrap()
    };
    let expected = ParquetReader::new()
        .with_columns(["flight", "tailnum", "time_hour", "carrier"])
        .with_range("carrier", "UA"..="UA")
        .read_files(&two_months)
        .unwrap();
    assert_eq!(united(&lake).columns()[..3], expected.columns()[..3]);
}

proptest! {
    #[test]
    fn text_comes_back_from_a_written_file(
        rows in vec((any::<Option<String>>(), any::<Option<String>>()), 0..20),
    ) {
        let columns = ["a", "b"].map(|name| Field::new(name, DataType::Utf8, true));
        let schema = Arc::new(Schema::new(columns.to_vec()));
        // An empty text is written as a missing one is.
        let text = |cell: &Option<String>| cell.clone().filter(|text| !text.is_empty());
        let a = StringArray::from_iter(rows.iter().map(|(a, _)| text(a)));
        let b = StringArray::from_iter(rows.iter().map(|(_, b)| text(b)));
        let batch = RecordBatch::try_new(schema.clone(), vec![Arc::new(a), Arc::new(b)]).unwrap();
        let scratch = tempfile::tempdir().unwrap();
        let path = scratch.path().join("text.csv");
        write_csv(&path, &batch).unwrap();
        let back = CsvReader::new().with_schema(schema).read(&path).unwrap();
        prop_assert_eq!(back, batch);
    }

    #[test]
    fn no_bytes_make_a_reader_panic(
        bytes in vec(prop_oneof![
            any::<u8>(),
            proptest::sample::select(b"a1,,\"\"\n\n\r;\xff\xfe\x1f\x8b".to_vec()),
        ], 0..200),
        policy in proptest::sample::select(vec![RaggedRows::Fail, RaggedRows::Reject, RaggedRows::Pad]),
        encoding in proptest::sample::select(vec![
            Encoding::Utf8, Encoding::Utf16Le, Encoding::Utf16Be, Encoding::Windows1252,
        ]),
    ) {
        let scratch = tempfile::tempdir().unwrap();
        let path = scratch.path().join("any");
        std::fs::write(&path, &bytes).unwrap();
        let reader = CsvReader::new().with_ragged_rows(policy).with_encoding(encoding);
        let mut ledger = Ledger::new();
        let whole = reader.read_with(&path, &mut ledger);
        // A stream gives the same rows, or fails too.
        match (reader.open(&path), whole) {
            (Ok(mut stream), Ok(whole)) => {
                let batches: Vec<_> = stream.by_ref().map(|batch| batch.unwrap()).collect();
                prop_assert_eq!(concat_batches(&whole.schema(), &batches).unwrap(), whole.clone());
                let rejected = ledger.count("", Action::RowRejected);
                prop_assert_eq!(ledger.rows(), whole.num_rows() as u64 + rejected);
                prop_assert_eq!(stream.ledger(), &ledger);
            }
            (opened, Err(_)) => prop_assert!(opened.is_err() || opened.unwrap().any(|batch| batch.is_err())),
            (Err(error), Ok(_)) => prop_assert!(false, "{}", error),
        }
    }
}
