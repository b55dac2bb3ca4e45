//! How the dates of a text column are written.

use serde::{Deserialize, Serialize};

use super::dates::DateForm;
use super::text::DateFormat;

/// How many cells have which form.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct DateCounts {
    /// Few forms occur in a column, and mostly the first: a scan finds it sooner than a tree.
    forms: Vec<(DateForm, u64)>,
}

impl DateCounts {
    /// Counts `cells` more of `form`.
    pub(super) fn add(&mut self, form: DateForm, cells: u64) {
        match self.forms.iter_mut().find(|(other, _)| *other == form) {
            Some((_, count)) => *count += cells,
            None => self.forms.push((form, cells)),
        }
    }

    /// Adds all that `other` counts.
    pub(super) fn merge(&mut self, other: Self) {
        for (form, cells) in other.forms {
            self.add(form, cells);
        }
    }

    /// The formats by falling count, then by name. Where all cells that tell day and month apart
    /// agree which comes first, the others are read like them.
    pub(super) fn formats(&self) -> Vec<DateFormat> {
        let is_settled = self.is_settled();
        let mut counts = Self::default();
        for (form, cells) in &self.forms {
            let [day_first, month_first] = form.readings();
            let read = match is_settled {
                Some(First::Day) => day_first,
                Some(First::Month) => month_first,
                None => *form,
            };
            counts.add(read, *cells);
        }
        let formats = counts.forms.into_iter();
        let mut formats: Vec<DateFormat> = formats
            .map(|(form, cells)| DateFormat {
                format: form.format(),
                cells,
            })
            .collect();
        formats
            .sort_unstable_by(|a, b| b.cells.cmp(&a.cells).then_with(|| a.format.cmp(&b.format)));
        formats
    }

    /// How many cells might be read with the day first or with the month first.
    pub(super) fn ambiguous(&self) -> u64 {
        match self.is_settled() {
            Some(_) => 0,
            None => self.cells(DateForm::is_ambiguous),
        }
    }

    /// What comes first, if the cells that tell agree.
    fn is_settled(&self) -> Option<First> {
        let day_first = self.cells(DateForm::is_day_first) > 0;
        let month_first = self.cells(DateForm::is_month_first) > 0;
        match (day_first, month_first) {
            (true, false) => Some(First::Day),
            (false, true) => Some(First::Month),
            _ => None,
        }
    }

    fn cells(&self, is_counted: impl Fn(DateForm) -> bool) -> u64 {
        let counted = self.forms.iter().filter(|(form, _)| is_counted(*form));
        counted.map(|(_, cells)| cells).sum()
    }
}

/// What a date begins with.
#[derive(Debug, Clone, Copy)]
enum First {
    Day,
    Month,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(cells: &[&str]) -> DateCounts {
        let mut counts = DateCounts::default();
        for cell in cells {
            counts.add(DateForm::of(cell).unwrap(), 1);
        }
        counts
    }

    fn formats(counts: &DateCounts) -> Vec<(String, u64)> {
        let formats = counts.formats().into_iter();
        formats
            .map(|format| (format.format, format.cells))
            .collect()
    }

    #[test]
    fn one_cell_settles_which_number_is_the_day() {
        let day_first = counts(&["01/02/2024", "03/04/2024", "31/01/2024"]);
        assert_eq!(formats(&day_first), [("%d/%m/%Y".to_owned(), 3)]);
        assert_eq!(day_first.ambiguous(), 0);
        let mut both = counts(&["01/02/2024", "12/31/2024"]);
        both.merge(day_first);
        assert_eq!(both.ambiguous(), 3);
        assert_eq!(
            formats(&both),
            [
                ("%d/%m/%Y or %m/%d/%Y".to_owned(), 3),
                ("%d/%m/%Y".to_owned(), 1),
                ("%m/%d/%Y".to_owned(), 1),
            ]
        );
        assert_eq!(counts(&["01/02/2024"]).ambiguous(), 1);
    }
}
