//! Hedges: "about", "over", "almost", and how much they allow.
//!
//! In: a figure's place in a [`Statement`]. Out: how exact it wants to be. Never here: the evidence.

use super::figures::Atom;
use super::statement::Statement;

/// The hedge before a figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hedge {
    None,
    About,
    Over,
    Under,
}

/// How exact a figure wants to be.
pub(super) fn hedge(said: &Statement, at: usize) -> Hedge {
    let from = at.saturating_sub(3);
    for atom in said.atoms[from..at].iter().rev() {
        let Atom::Word(lower, _) = atom else { break };
        match lower.as_str() {
            "about" | "around" | "roughly" | "approximately" | "some" | "circa" | "ca" => return Hedge::About,
            "over" | "than" | "above" | "least" | "exceeding" => {
                let less =
                    said.atoms[from..at].iter().any(|a| matches!(a, Atom::Word(w, _) if w == "less" || w == "fewer"));
                return if less { Hedge::Under } else { Hedge::Over };
            }
            "under" | "below" | "almost" | "nearly" | "within" | "most" => return Hedge::Under,
            _ => {}
        }
    }
    Hedge::None
}

/// Whether a value may be called by a figure.
pub(super) fn called(actual: f64, figure: f64, hedge: Hedge, part: f64) -> bool {
    let same = (actual - figure).abs() <= actual.abs().max(figure.abs()) * 1e-9;
    same || match hedge {
        Hedge::None => false,
        Hedge::About => (actual - figure).abs() <= actual * part,
        Hedge::Over => actual >= figure && actual <= figure * (1.0 + part),
        Hedge::Under => actual <= figure && actual >= figure * (1.0 - part),
    }
}
