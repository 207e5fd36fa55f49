//! What a call costs.
//!
//! In: a provider, and counts of tokens. Out: money, where the price is known.
//! Never here: a guess. A model that the table does not name costs what the settings say, or nobody knows.

use super::provider::{Provider, Via};

/// Prices for models at their makers', with the day on which they were taken.
const TABLE: &str = include_str!("prices.txt");

/// What a million tokens cost, in cents of a US dollar.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Price {
    /// Sent tokens.
    pub sent: f64,
    /// Received tokens, those included in which a model thinks.
    pub received: f64,
}

impl Price {
    /// The price of a provider's model: what the settings say, or else the table; nothing on this machine or network.
    #[must_use]
    pub fn of(provider: &Provider) -> Option<Self> {
        let known = match &provider.via {
            Via::Server(server) if server.address.local => Some(Self { sent: 0.0, received: 0.0 }),
            Via::Server(server) if server.usual => {
                // One price, whichever way the model is asked.
                listed(provider.name.strip_suffix("-responses").unwrap_or(&provider.name), &provider.model)
            }
            _ => None,
        };
        let (sent, received) = (provider.price_in.map(f64::from), provider.price_out.map(f64::from));
        Some(Self {
            sent: sent.or(known.map(|price| price.sent))?,
            received: received.or(known.map(|price| price.received))?,
        })
    }

    /// What a call costs, in cents.
    #[must_use]
    pub fn cents(self, sent: u32, received: u32) -> f64 {
        (self.sent * f64::from(sent) + self.received * f64::from(received)) / 1e6
    }
}

/// The table's price for a model or a dated or named version of it.
fn listed(provider: &str, model: &str) -> Option<Price> {
    let rows = TABLE.lines().filter(|line| !line.starts_with('#'));
    rows.filter_map(row)
        .find(|(maker, family, _)| *maker == provider && is_of(model, family))
        .map(|(_, _, price)| price)
}

/// The provider, the model and the price of a line.
fn row(line: &str) -> Option<(&str, &str, Price)> {
    let mut words = line.split_whitespace();
    let (maker, family) = (words.next()?, words.next()?);
    let mut cents = || words.next()?.parse().ok();
    Some((maker, family, Price { sent: cents()?, received: cents()? }))
}

/// Whether a model is a version of this one: `-latest`, or a date. `gpt-5-mini` is no version of `gpt-5`.
fn is_of(model: &str, family: &str) -> bool {
    let Some(version) = model.strip_prefix("models/").unwrap_or(model).strip_prefix(family) else { return false };
    let digits = version.chars().filter(char::is_ascii_digit).count();
    let dated = version.starts_with("-20") && digits >= 8 && version.chars().all(|c| c.is_ascii_digit() || c == '-');
    version.is_empty() || version == "-latest" || dated
}

#[cfg(test)]
mod tests {
    use super::super::known;
    use super::*;

    #[test]
    fn only_versions_of_a_model_have_its_price() {
        for (model, family, expected) in [
            ("claude-haiku-4-5", "claude-haiku-4-5", true),
            ("claude-haiku-4-5-20251001", "claude-haiku-4-5", true),
            ("gpt-5-2025-08-07", "gpt-5", true),
            ("mistral-small-latest", "mistral-small", true),
            ("models/gemini-2.5-flash", "gemini-2.5-flash", true),
            ("gpt-5-mini", "gpt-5", false),
            ("gpt-5.1", "gpt-5", false),
            ("gpt-5-20", "gpt-5", false),
            ("gemini-2.5-flash-lite", "gemini-2.5-flash", false),
        ] {
            assert_eq!(is_of(model, family), expected, "{model} of {family}");
        }
    }

    #[test]
    fn every_row_of_the_table_is_of_a_known_provider_and_stands_alone() {
        let rows: Vec<&str> = TABLE.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).collect();
        assert!(rows.len() > 10, "{} rows", rows.len());
        for line in &rows {
            let (maker, family, price) = row(line).expect(line);
            assert!(known::find(maker).is_some(), "{line}");
            assert!(price.sent > 0.0 && price.sent <= price.received, "{line}");
            assert_eq!(
                rows.iter().filter(|other| row(other).is_some_and(|row| (row.0, row.1) == (maker, family))).count(),
                1,
                "{line}"
            );
        }
        assert!(TABLE.lines().next().is_some_and(|line| line.starts_with("# Taken on ")), "the table has no date");
    }

    #[test]
    fn a_call_is_reckoned_in_cents() {
        let price = Price { sent: 100.0, received: 500.0 };
        assert!((price.cents(10_000, 1_000) - 1.5).abs() < 1e-9);
    }
}
