//! Zones for wall-clock time, and other zones for instants.

use std::sync::Arc;

use alchemy_core::arrow::array::timezone::Tz;
use alchemy_core::arrow::array::{Array, ArrayRef, AsArray, Int64Array, RecordBatch};
use alchemy_core::arrow::compute::cast;
use alchemy_core::arrow::datatypes::{DataType, Int64Type, Schema, SchemaRef, TimeUnit};
use alchemy_core::column::index_of;
use alchemy_core::{ColumnSelector, Error, Ledger, Result, Step, Transform};
use chrono::{DateTime, LocalResult, NaiveDateTime, Offset, TimeDelta, TimeZone};
use serde::{Deserialize, Serialize};

use crate::coercion::in_chunks;
use crate::failure::{OnFailure, Reading, unread_texts};
use crate::plain::{is_default, require};
use crate::rebuilt::rebuilt;

/// Gives timestamps a zone.
///
/// A column of wall-clock time, which has no zone, is taken for what the clocks of the zone showed, and becomes instants
/// (`tz_localize` of pandas). A column of instants keeps them and changes the zone they are shown in (`tz_convert`).
/// Columns keep their unit and metadata.
///
/// Twice a year most clocks are moved. A time that they skip, or show twice, is settled by [`LocalTime`]; one that is
/// refused becomes null, is kept as text or is an error, as [`OnFailure`] says. The ledger counts cells that became
/// instants ([`Action::Coerced`]) and cells lost ([`Action::Nulled`], with examples).
///
/// Zones are `UTC` and offsets such as `+02:00`; with the feature `timezones` also the names of the IANA database, such as
/// `Europe/Berlin`.
///
/// There is nothing to learn, so the spec is its own fitted type. Ranges of rows are done in parallel. A pass over
/// wall-clock time costs about 17 ns a cell by an offset and 42 ns by a name, and 8 bytes a row; one over instants nothing.
///
/// # Errors
///
/// From [`transform`](Transform::transform) and [`output_schema`](Transform::output_schema):
///
/// - [`Error::InvalidParameter`] for a zone that is not known.
/// - [`Error::ColumnNotFound`] if a selected column is not there, [`Error::ColumnType`] if it is no timestamp.
/// - [`Error::InvalidValue`] for a time that is refused, with [`OnFailure::Error`].
/// - [`Error::DuplicateColumn`] if the name of the column for unread text is taken, with [`OnFailure::Keep`].
///
/// # Examples
///
/// ```
/// # fn main() -> alchemy_clean::Result<()> {
/// # use std::sync::Arc;
/// # use alchemy_clean::{Transform, ZoneCoercer};
/// # use alchemy_clean::arrow::array::{ArrayRef, RecordBatch, TimestampSecondArray};
/// let noon = Arc::new(TimestampSecondArray::from(vec![12 * 3600])) as ArrayRef;
/// let clock = RecordBatch::try_from_iter([("t", noon)])?;
///
/// let instants = ZoneCoercer::new("t", "+02:00").transform(&clock)?;
///
/// let expected = TimestampSecondArray::from(vec![10 * 3600]).with_timezone("+02:00");
/// assert_eq!(instants.column(0).as_ref(), &expected);
/// # Ok(())
/// # }
/// ```
///
/// [`Action::Coerced`]: alchemy_core::Action::Coerced
/// [`Action::Nulled`]: alchemy_core::Action::Nulled
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ZoneCoercer {
    columns: ColumnSelector,
    zone: String,
    #[serde(default, skip_serializing_if = "is_default")]
    local_time: LocalTime,
    #[serde(default, skip_serializing_if = "is_default")]
    on_failure: OnFailure,
}

/// Which instant is meant by a time of the wall clock that was skipped or shown twice.
///
/// As `disambiguation` of JavaScript's
/// [Temporal](https://tc39.es/proposal-temporal/docs/timezone.html#ambiguity-due-to-dst-or-other-time-zone-offset-changes).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LocalTime {
    /// None: the cell cannot be read.
    #[default]
    Refuse,
    /// The earlier one. Of a time skipped, that of a clock which was moved already: it shows an earlier time.
    Earlier,
    /// The later one. Of a time skipped, that of a clock which was not moved yet.
    Later,
}

impl ZoneCoercer {
    /// Gives `columns` the zone `zone`.
    #[must_use]
    pub fn new(columns: impl Into<ColumnSelector>, zone: impl Into<String>) -> Self {
        Self {
            columns: columns.into(),
            zone: zone.into(),
            local_time: LocalTime::default(),
            on_failure: OnFailure::default(),
        }
    }

    /// Which instant is meant by a time that the clocks skip or show twice. Default: [`LocalTime::Refuse`].
    #[must_use]
    pub fn with_local_time(mut self, local_time: LocalTime) -> Self {
        self.local_time = local_time;
        self
    }

    /// What happens to a time that is refused. Default: [`OnFailure::Null`].
    #[must_use]
    pub fn with_on_failure(mut self, on_failure: OnFailure) -> Self {
        self.on_failure = on_failure;
        self
    }

    fn parsed_zone(&self) -> Result<Tz> {
        let zone = match self.zone.as_str() {
            "UTC" | "utc" | "Z" | "Etc/UTC" => "+00:00",
            other => other,
        };
        zone.parse().map_err(|_| {
            let names = if cfg!(feature = "timezones") {
                "a name of the IANA database"
            } else {
                "a name, which needs the feature `timezones`"
            };
            let message = format!("{:?} is neither UTC nor an offset nor {names}", self.zone);
            Error::parameter("zone", message)
        })
    }

    fn data_type(&self, unit: TimeUnit) -> DataType {
        DataType::Timestamp(unit, Some(self.zone.as_str().into()))
    }

    /// The instants of wall-clock time, and the text that is kept of what is none.
    fn attach(
        &self,
        name: &str,
        array: &ArrayRef,
        unit: TimeUnit,
        ledger: &mut Ledger,
    ) -> Result<(ArrayRef, Option<ArrayRef>)> {
        let clock = Clock {
            zone: self.parsed_zone()?,
            local_time: self.local_time,
            ticks: ticks_per_second(unit),
        };
        let data_type = self.data_type(unit);
        let local = cast(array, &DataType::Int64)?;
        let local = local.as_primitive::<Int64Type>();
        let output = in_chunks(local.len(), &data_type, |start, rows| {
            let local = local.slice(start, rows);
            let instants = local.iter().map(|local| clock.instant(local?));
            let instants: ArrayRef = Arc::new(instants.collect::<Int64Array>());
            Ok(cast(&instants, &data_type)?)
        })?;
        let text = |row: usize| local.is_valid(row).then(|| clock.text(local.value(row)));
        let reading = Reading {
            column: name,
            cell: text,
            output: &output,
            expected: |_| "a time that the clocks of the zone show once",
        };
        reading.settle(self.on_failure, ledger)?;
        let keep = self.on_failure == OnFailure::Keep;
        let unread = keep.then(|| unread_texts(output.len(), reading.failed()));
        Ok((output, unread))
    }
}

/// The clocks of a zone.
struct Clock {
    zone: Tz,
    local_time: LocalTime,
    /// In a second.
    ticks: i64,
}

impl Clock {
    /// The ticks of the instant at which the clocks show `local`.
    fn instant(&self, local: i64) -> Option<i64> {
        let shown = self.shown(local)?;
        let offset = match self.zone.offset_from_local_datetime(&shown) {
            LocalResult::Single(offset) => seconds(&offset),
            // The larger the offset, the earlier the instant.
            LocalResult::Ambiguous(one, other) => self.settled([seconds(&one), seconds(&other)])?,
            LocalResult::None => {
                // A day before and after, whatever the offset: the one in use before the clocks are moved, and after.
                let around = [TimeDelta::days(-1), TimeDelta::days(1)];
                let [before, after] = around.map(|by| {
                    let moved = shown.checked_add_signed(by)?;
                    Some(seconds(&self.zone.offset_from_utc_datetime(&moved)))
                });
                self.settled([before?, after?])?
            }
        };
        local.checked_sub(i64::from(offset).checked_mul(self.ticks)?)
    }

    fn settled(&self, offsets: [i32; 2]) -> Option<i32> {
        match self.local_time {
            LocalTime::Refuse => None,
            LocalTime::Earlier => offsets.into_iter().max(),
            LocalTime::Later => offsets.into_iter().min(),
        }
    }

    /// What the clocks show, to the second: offsets are of whole seconds.
    fn shown(&self, local: i64) -> Option<NaiveDateTime> {
        let second = local.div_euclid(self.ticks);
        DateTime::from_timestamp(second, 0).map(|time| time.naive_utc())
    }

    fn text(&self, local: i64) -> String {
        match self.shown(local) {
            Some(shown) => shown.to_string(),
            None => local.to_string(),
        }
    }
}

fn seconds(offset: &impl Offset) -> i32 {
    offset.fix().local_minus_utc()
}

fn ticks_per_second(unit: TimeUnit) -> i64 {
    match unit {
        TimeUnit::Second => 1,
        TimeUnit::Millisecond => 1_000,
        TimeUnit::Microsecond => 1_000_000,
        TimeUnit::Nanosecond => 1_000_000_000,
    }
}

impl Transform for ZoneCoercer {
    fn output_schema(&self, input: &Schema) -> Result<SchemaRef> {
        self.parsed_zone()?;
        let mut fields = input.fields().to_vec();
        for name in self.columns.resolve(input)? {
            let place = index_of(input, &name)?;
            let field = input.field(place).clone();
            let DataType::Timestamp(unit, zone) = field.data_type().clone() else {
                require(false, &name, field.data_type(), "a timestamp")?;
                continue;
            };
            let nullable = zone.is_none() || field.is_nullable();
            let field = field.with_data_type(self.data_type(unit));
            fields[place] = Arc::new(field.with_nullable(nullable));
            self.on_failure
                .append_field(&name, DataType::LargeUtf8, &mut fields)?;
        }
        Ok(Arc::new(Schema::new_with_metadata(
            fields,
            input.metadata().clone(),
        )))
    }

    fn transform_with(&self, batch: &RecordBatch, ledger: &mut Ledger) -> Result<RecordBatch> {
        let schema = self.output_schema(batch.schema_ref())?;
        let mut columns = batch.columns().to_vec();
        for name in self.columns.resolve(batch.schema_ref())? {
            let column = &mut columns[index_of(batch.schema_ref(), &name)?];
            let DataType::Timestamp(unit, zone) = column.data_type().clone() else {
                continue;
            };
            if zone.is_some() {
                // By way of integers: a cast between zones asks for their tables.
                *column = cast(&cast(column, &DataType::Int64)?, &self.data_type(unit))?;
                let rows = batch.num_rows();
                columns.extend(self.on_failure.nothing_unread(&DataType::LargeUtf8, rows));
                continue;
            }
            let (instants, unread) = self.attach(&name, column, unit, ledger)?;
            *column = instants;
            columns.extend(unread);
        }
        rebuilt(batch, schema, columns)
    }
}

impl Step for ZoneCoercer {
    const NAME: &'static str = "alchemy-clean/zone_coercer";
}

#[cfg(test)]
mod tests {
    use alchemy_core::Action;
    use alchemy_core::arrow::array::{
        Date32Array, LargeStringArray, TimestampMillisecondArray, TimestampSecondArray,
    };

    use super::*;

    fn batch(array: impl Array + 'static) -> RecordBatch {
        RecordBatch::try_from_iter([("t", Arc::new(array) as ArrayRef)]).unwrap()
    }

    #[test]
    fn an_offset_makes_instants_and_shows_them() {
        let local = TimestampMillisecondArray::from(vec![Some(3_600_000), None, Some(-1)]);
        let out = ZoneCoercer::new("t", "-01:30")
            .transform(&batch(local))
            .unwrap();
        let expected =
            TimestampMillisecondArray::from(vec![Some(9_000_000), None, Some(5_399_999)]);
        let expected = expected.with_timezone("-01:30");
        assert_eq!(out.column(0).as_ref(), &expected);

        let mut ledger = Ledger::new();
        let utc = ZoneCoercer::new("t", "UTC");
        let shown = utc.transform_with(&out, &mut ledger).unwrap();
        let expected = expected.with_timezone("UTC");
        assert_eq!(shown.column(0).as_ref(), &expected);
        assert_eq!(ledger.entries().count(), 0);
    }

    #[test]
    fn a_zone_that_is_not_known_and_a_date_are_refused() {
        let local = batch(TimestampSecondArray::from(vec![0]));
        for zone in ["", "Mars/Olympus", "+25:00", "02:00"] {
            let error = ZoneCoercer::new("t", zone).transform(&local).unwrap_err();
            assert!(
                matches!(
                    error,
                    Error::InvalidParameter {
                        parameter: "zone",
                        ..
                    }
                ),
                "{zone:?}"
            );
        }
        let named = ZoneCoercer::new("t", "Europe/Berlin").transform(&local);
        assert_eq!(named.is_ok(), cfg!(feature = "timezones"));
        let error = ZoneCoercer::new("t", "UTC")
            .transform(&batch(Date32Array::from(vec![0])))
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "column \"t\" is Date32, expected a timestamp"
        );
    }

    #[test]
    fn what_is_out_of_range_is_not_read() {
        let local = batch(TimestampSecondArray::from(vec![i64::MAX, i64::MIN, 0]));
        let keep = ZoneCoercer::new("t", "+01:00").with_on_failure(OnFailure::Keep);
        let mut ledger = Ledger::new();
        let out = keep.transform_with(&local, &mut ledger).unwrap();
        let (most, least) = (i64::MAX.to_string(), i64::MIN.to_string());
        let unread = LargeStringArray::from(vec![Some(most.as_str()), Some(&least), None]);
        assert_eq!(out.column(1).as_ref(), &unread);
        assert_eq!(ledger.count("t", Action::Nulled), 2);
        assert_eq!(ledger.count("t", Action::Coerced), 1);
    }

    #[cfg(feature = "timezones")]
    #[test]
    fn clocks_that_are_moved_skip_times_and_show_some_twice() {
        // New York, 2024: 10 March 02:30 is skipped, 3 November 01:30 is shown twice.
        let local =
            [(3, 10, 2, 30), (11, 3, 1, 30), (7, 1, 12, 0)].map(|(month, day, hour, minute)| {
                let date = chrono::NaiveDate::from_ymd_opt(2024, month, day).unwrap();
                date.and_hms_opt(hour, minute, 0)
                    .unwrap()
                    .and_utc()
                    .timestamp()
            });
        let wall = batch(TimestampSecondArray::from(local.to_vec()));
        let hours = |local_time| {
            let coercer = ZoneCoercer::new("t", "America/New_York").with_local_time(local_time);
            let out = coercer.transform(&wall).unwrap();
            let instants = cast(out.column(0), &DataType::Int64).unwrap();
            let instants = instants.as_primitive::<Int64Type>().iter();
            instants
                .zip(local)
                .map(|(instant, local)| Some((instant? - local) / 3600))
                .collect::<Vec<_>>()
        };
        assert_eq!(hours(LocalTime::Refuse), [None, None, Some(4)]);
        assert_eq!(hours(LocalTime::Earlier), [Some(4), Some(4), Some(4)]);
        assert_eq!(hours(LocalTime::Later), [Some(5), Some(5), Some(4)]);

        let strict = ZoneCoercer::new("t", "America/New_York").with_on_failure(OnFailure::Error);
        let error = strict.transform(&wall).unwrap_err();
        assert_eq!(
            error.to_string(),
            "column \"t\", row 0: \"2024-03-10 02:30:00\" is not a time that the clocks of the zone show once"
        );
    }
}
