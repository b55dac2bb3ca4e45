//! Real logs in JSON lines, against the figures that Python gives.

use alchemy_core::arrow::array::{Array, AsArray, RecordBatch};
use alchemy_core::arrow::datatypes::{DataType, Int64Type};
use alchemy_core::column::by_name;
use alchemy_core::{JsonReader, Ledger, Profile, flatten};
use serde_json::{Map, Value};

use crate::data::folder;
use crate::reference::check_column;

const FILES: [&str; 5] = [
    "nginxplus_status",
    "zeek_notice",
    "zeek_ocsp",
    "zeek_rdp",
    "zeek_smtp",
];

fn reference() -> Option<(std::path::PathBuf, Map<String, Value>)> {
    let folder = folder()?;
    let text = std::fs::read_to_string(folder.join("reference.json")).unwrap();
    Some((folder, serde_json::from_str(&text).unwrap()))
}

fn always_present(batch: &RecordBatch) -> u64 {
    batch
        .columns()
        .iter()
        .filter(|column| column.null_count() == 0)
        .count() as u64
}

#[test]
fn every_log_reads_flattens_and_profiles() {
    let Some((folder, reference)) = reference() else {
        return;
    };
    for file in FILES {
        let name = format!("logs/{file}.jsonl");
        let expected = &reference[&name];
        let path = folder.join(&name);
        let mut ledger = Ledger::new();
        let nested = JsonReader::new().read_with(&path, &mut ledger).unwrap();
        let figure = |key: &str| expected[key].as_u64().unwrap();
        assert_eq!(nested.num_rows() as u64, figure("lines"), "{name}");
        assert_eq!(
            nested.num_columns() as u64,
            figure("top_level_keys"),
            "{name}"
        );
        assert_eq!(
            always_present(&nested),
            figure("top_level_always_present"),
            "{name}"
        );
        // No mixed types, no line rejected.
        assert_eq!(ledger.entries().count(), 0, "{name}");

        let flat = JsonReader::new().with_flattened(".").read(&path).unwrap();
        assert_eq!(flatten(&nested, ".").unwrap(), flat, "{name}");
        assert_eq!(
            flat.num_columns() as u64,
            figure("flattened_leaf_paths"),
            "{name}"
        );
        assert_eq!(
            always_present(&flat),
            figure("leaf_paths_always_present"),
            "{name}"
        );
        let lists = flat
            .columns()
            .iter()
            .filter(|column| matches!(column.data_type(), DataType::List(_)));
        assert_eq!(lists.count() as u64, figure("list_paths"), "{name}");
        for (path, count) in expected["some_presence_counts"].as_object().unwrap() {
            let column = by_name(&flat, path).unwrap();
            assert_eq!(
                Some((column.len() - column.null_count()) as u64),
                count.as_u64(),
                "{name} {path}"
            );
        }
        for batch in [&nested, &flat] {
            let profile = Profile::of(batch).unwrap();
            assert_eq!(profile.rows, figure("lines"), "{name}");
            for (column, found) in batch.columns().iter().zip(&profile.columns) {
                assert_eq!(
                    column.null_count() as u64,
                    found.nulls,
                    "{name} {}",
                    found.name
                );
                column.to_data().validate_full().unwrap();
            }
        }
    }
}

#[test]
fn figures_inside_nested_logs() {
    let Some((folder, reference)) = reference() else {
        return;
    };
    let expected = &reference["logs/nginxplus_status.jsonl"];
    let path = folder.join("logs/nginxplus_status.jsonl");
    let flat = JsonReader::new().with_flattened(".").read(path).unwrap();
    let profile = Profile::of(&flat).unwrap();
    let total = profile.column("requests.total").unwrap();
    check_column("requests.total", &flat, total, &expected["requests.total"]);
    let peers = by_name(&flat, "upstreams.trac-backend.peers")
        .unwrap()
        .as_list::<i32>();
    let first_peers = (0..peers.len()).map(|row| {
        let peers = peers.value(row);
        let requests = peers.as_struct().column_by_name("requests").unwrap();
        requests.as_primitive::<Int64Type>().value(0)
    });
    assert_eq!(
        Some(first_peers.sum::<i64>()),
        expected["upstreams.trac-backend.peers[0].requests_sum"].as_i64()
    );
    let times = by_name(&flat, "timestamp")
        .unwrap()
        .as_primitive::<Int64Type>();
    let ends = [times.values().iter().min(), times.values().iter().max()];
    assert_eq!(serde_json::json!(ends), expected["timestamp_min_max"]);
    // A key with dots inside a path, and out of one.
    assert!(by_name(&flat, "server_zones.\"hg.nginx.org\".requests").is_ok());
    let smtp = JsonReader::new()
        .with_flattened(".")
        .read(folder.join("logs/zeek_smtp.jsonl"))
        .unwrap();
    assert!(by_name(&smtp, "id.orig_h").is_ok());
}
