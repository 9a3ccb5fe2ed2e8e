//! Reading one table of a config, with every mistake in it and not only the first.

use std::ops::Range;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeTable, DeValue, Error, ValueDeserializer};

use super::diagnose::{File, Findings, near};

/// A table of the config with its place.
pub(super) struct Block<'i> {
    pub(super) file: Arc<File>,
    pub(super) span: Range<usize>,
    pub(super) table: DeTable<'i>,
}

impl<'i> Block<'i> {
    pub(super) fn new(file: &Arc<File>, value: Spanned<DeValue<'i>>) -> Option<Self> {
        let span = value.span();
        match value.into_inner() {
            DeValue::Table(table) => Some(Self { file: file.clone(), span, table }),
            DeValue::String(_)
            | DeValue::Integer(_)
            | DeValue::Float(_)
            | DeValue::Boolean(_)
            | DeValue::Datetime(_)
            | DeValue::Array(_) => None,
        }
    }

    /// Where these texts stand as values, in the order of the block.
    pub(super) fn places(&self, texts: &[String]) -> Vec<Range<usize>> {
        places(&self.table, texts)
    }

    /// Takes these keys out into a block of their own.
    pub(super) fn split(&mut self, keys: &[&str]) -> Self {
        let mut table = DeTable::new();
        for key in keys {
            if let Some((name, value)) = self.table.remove_entry(*key) {
                table.insert(name, value);
            }
        }
        Self { file: self.file.clone(), span: self.span.clone(), table }
    }

    /// Reads the table as `T`.
    pub(super) fn read<T: DeserializeOwned>(self, findings: &mut Findings, also: &[&str]) -> Option<T> {
        self.read_with(findings, also, |d| T::deserialize(d))
    }

    /// Reads the table by `read`. A key that is wrong is noted, taken out, and the rest read again,
    /// so that all mistakes are told at once. `None` where the rest cannot be read without it.
    pub(super) fn read_with<T>(
        mut self,
        findings: &mut Findings,
        also: &[&str],
        read: impl Fn(ValueDeserializer<'_>) -> Result<T, Error>,
    ) -> Option<T> {
        let mut removed: Vec<String> = Vec::new();
        loop {
            let whole = Spanned::new(self.span.clone(), DeValue::Table(self.table.clone()));
            let error = match read(ValueDeserializer::from(whole)) {
                Ok(value) => return Some(value),
                Err(error) => error,
            };
            if follows(&error, &removed) {
                return None;
            }
            findings.toml(&self.file, &error, &self.span, also);
            let culprit = error.span().and_then(|span| self.culprit(&span))?;
            self.table.remove(culprit.as_str());
            removed.push(culprit);
        }
    }

    /// The key that an error's place lies in.
    fn culprit(&self, at: &Range<usize>) -> Option<String> {
        let within = |outer: Range<usize>| outer.start <= at.start && at.end <= outer.end;
        self.table.iter().find(|(key, value)| within(key.span()) || within(value.span())).map(|(key, _)| key.get_ref().to_string())
    }
}

/// Whether a key is only missing because it was taken out, or misspelt.
fn follows(error: &Error, removed: &[String]) -> bool {
    let missing = error.message().strip_prefix("missing field `").and_then(|m| m.split('`').next());
    missing.is_some_and(|key| removed.iter().any(|r| r == key || near(r, &[key]).is_some()))
}

fn places(table: &DeTable<'_>, texts: &[String]) -> Vec<Range<usize>> {
    let of = |value: &Spanned<DeValue<'_>>| match value.get_ref().as_str() {
        Some(text) if texts.iter().any(|known| known == text) => vec![value.span()],
        Some(_) => Vec::new(),
        None => value.get_ref().as_table().map(|inner| places(inner, texts)).unwrap_or_default(),
    };
    table.values().flat_map(of).collect()
}
