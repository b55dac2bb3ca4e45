use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, DictionaryArray, Float64Array, Int32Array, ListArray, RecordBatch,
    StringArray, StringViewArray, StructArray,
};
use arrow::compute::concat_batches;
use arrow::datatypes::{Field, Int8Type, Int64Type};
use arrow::ipc::writer::StreamWriter;

use super::{IpcReader, write_ipc};
use crate::random::Stream;
use crate::{Error, Limits, Result};

fn batch(num_rows: i32) -> RecordBatch {
    let numbers = Int32Array::from_iter((0..num_rows).map(|i| (i % 7 != 0).then_some(i)));
    let text = StringArray::from_iter_values((0..num_rows).map(|i| format!("row {i}")));
    let views = StringViewArray::from_iter_values(
        (0..num_rows).map(|i| format!("a longer text in row {i}")),
    );
    let floats = Float64Array::from_iter_values((0..num_rows).map(f64::from));
    let words: DictionaryArray<Int8Type> = (0..num_rows)
        .map(|i| Some(["x", "y"][usize::from(i % 3 == 0)]))
        .collect();
    let lists =
        ListArray::from_iter_primitive::<Int64Type, _, _>((0..num_rows).map(|i| {
            (i % 5 != 0).then(|| (0..i % 3).map(|_| Some(i64::from(i))).collect::<Vec<_>>())
        }));
    let field = Arc::new(Field::new("f", floats.data_type().clone(), true));
    let nested = StructArray::from(vec![(field, Arc::new(floats) as ArrayRef)]);
    RecordBatch::try_from_iter_with_nullable([
        ("n", Arc::new(numbers) as ArrayRef, true),
        ("t", Arc::new(text), true),
        ("v", Arc::new(views), true),
        ("d", Arc::new(words), true),
        ("l", Arc::new(lists), true),
        ("s", Arc::new(nested), true),
    ])
    .unwrap()
}

fn write_stream(path: &std::path::Path, batches: &[RecordBatch]) {
    let mut writer =
        StreamWriter::try_new(std::fs::File::create(path).unwrap(), &batches[0].schema()).unwrap();
    batches
        .iter()
        .for_each(|batch| writer.write(batch).unwrap());
    writer.finish().unwrap();
}

#[test]
fn a_batch_comes_back_from_file_and_stream() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.arrow");
    for written in [batch(10_000), batch(0), batch(100).slice(3, 50)] {
        write_ipc(&path, &written).unwrap();
        assert_eq!(IpcReader::new().read(&path).unwrap(), written);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
        write_stream(&path, &[written.clone(), written.clone()]);
        let twice = concat_batches(&written.schema(), [&written, &written]).unwrap();
        assert_eq!(IpcReader::new().read(&path).unwrap(), twice);
        let batches: Vec<_> = IpcReader::new()
            .open(&path)
            .unwrap()
            .map(Result::unwrap)
            .collect();
        assert_eq!(batches.len(), 2);
    }
}

#[test]
fn columns_come_in_the_order_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let (file, stream) = (
        folder.path().join("a.arrow"),
        folder.path().join("a.arrows"),
    );
    let written = batch(1000);
    write_ipc(&file, &written).unwrap();
    write_stream(&stream, std::slice::from_ref(&written));
    for path in [file, stream] {
        let reader = IpcReader::new().with_columns(["s", "n", "d"]);
        assert_eq!(
            reader.read(&path).unwrap(),
            written.project(&[5, 0, 3]).unwrap()
        );
        let error = IpcReader::new()
            .with_columns(["T"])
            .read(&path)
            .unwrap_err();
        assert_eq!(error.to_string(), "no column \"T\"; did you mean \"t\"?");
        let error = IpcReader::new()
            .with_limits(Limits::new().with_max_columns(5))
            .read(&path)
            .unwrap_err()
            .to_string();
        assert!(
            error.ends_with("has 6 columns, more than the limit of 5"),
            "{error}"
        );
        let error = IpcReader::new()
            .with_limits(Limits::new().with_max_batch_rows(999))
            .read(&path)
            .unwrap_err()
            .to_string();
        assert!(
            error.ends_with("has more rows than the limit of 999 for one batch"),
            "{error}"
        );
    }
}

#[test]
fn damage_names_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.arrow");
    assert!(matches!(
        IpcReader::new().read(&path),
        Err(Error::Io { .. })
    ));
    for bytes in [
        &b""[..],
        b"ARROW1",
        b"ARROW1\0\0",
        b"no arrow at all",
        b"ARROW1\0\0\xff\xff\xff\x7fARROW1",
        b"\xff\xff\xff\xff\xff\xff\xff\x7f",
    ] {
        std::fs::write(&path, bytes).unwrap();
        let error = IpcReader::new().read(&path).unwrap_err();
        assert!(
            matches!(error, Error::Read { .. }) && error.to_string().contains("a.arrow: "),
            "{error}"
        );
    }
    for stream in [false, true] {
        if stream {
            write_stream(&path, &[batch(100)]);
        } else {
            write_ipc(&path, &batch(100)).unwrap();
        }
        let whole = std::fs::read(&path).unwrap();
        for end in (1..whole.len() - 8).step_by(61) {
            std::fs::write(&path, &whole[..end]).unwrap();
            assert!(
                matches!(IpcReader::new().read(&path), Err(Error::Read { .. })),
                "{end}"
            );
        }
    }
}

/// Thousands of files with a few wrong bytes: a batch that is sound, or an error.
#[test]
fn flipped_bytes_never_panic() {
    const FILES: u64 = 4000;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.arrow");
    let mut errors = 0;
    for stream in [false, true] {
        if stream {
            write_stream(&path, &[batch(20)]);
        } else {
            write_ipc(&path, &batch(20)).unwrap();
        }
        let whole = std::fs::read(&path).unwrap();
        for seed in 0..FILES / 2 {
            let mut random = Stream::new(seed, &[u64::from(stream)]);
            let mut bytes = whole.clone();
            for _ in 0..=random.below(3) {
                let at = usize::try_from(random.below(bytes.len() as u64)).unwrap();
                bytes[at] = u8::try_from(random.below(256)).unwrap();
            }
            std::fs::write(&path, &bytes).unwrap();
            match IpcReader::new().read(&path) {
                Ok(batch) => {
                    for column in batch.columns() {
                        column.to_data().validate_full().unwrap();
                    }
                }
                Err(error) => {
                    assert!(matches!(error, Error::Read { .. }), "{error}");
                    errors += 1;
                }
            }
        }
    }
    assert!(errors > FILES / 10, "{errors}");
}
