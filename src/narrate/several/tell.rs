//! Asks for prose about several entries, and checks what comes.
//!
//! In: a [`Desk`], entries, and what the prose is for. Out: [`Told`]. Never here: a third question, a call that the day's
//! budget does not allow, or prose that is written anywhere: the caller does that.

use anyhow::Result;

use super::super::ledger::Spent;
use super::super::reply;
use super::super::tell::{Account, Desk, Draft, reasons};
use super::material::Material;
use super::question::question;
use super::told::{Prose, Purpose, Told};
use super::verify::{Verified, verify};
use crate::evidence::redact::Redactor;
use crate::journal::Entry;
use crate::llm::{Failure, Reply};

/// Asks for prose about entries, oldest first; once more where the first reply is refused. Nothing is written but the
/// book of what was spent.
///
/// # Errors
/// The book cannot be kept.
pub fn tell(desk: &Desk<'_>, entries: &[Entry], purpose: Purpose) -> Result<Told> {
    let redactor = Redactor::new(&desk.recorder.config.redact);
    let Some(material) = Material::of(entries, &redactor) else { return Ok(Told::Nothing) };
    let mut rejected = Vec::new();
    loop {
        let draft = match draft_of(desk, &material, purpose, &rejected) {
            Ok(draft) => draft,
            Err(error) => return Ok(Told::Failed(Failure::Declined { why: format!("{error:#}") })),
        };
        let reply = match ask(desk, &draft)? {
            Ok(reply) => reply,
            Err(told) => return Ok(told),
        };
        let claims = reply::parse(&reply.text);
        let verified = verify(&claims, &material, &redactor);
        let account = Account::of(&claims, &verified.dropped, &redactor);
        if !verified.refused {
            return Ok(Told::Written { prose: prose(desk, reply, verified, &account), account });
        }
        if !rejected.is_empty() {
            return Ok(Told::Refused(account));
        }
        rejected = reasons(&account, reply.cut);
    }
}

/// What would be asked; `None` of no entries. Nothing is asked or written.
///
/// # Errors
/// There is no room for any evidence.
pub fn draft(desk: &Desk<'_>, entries: &[Entry], purpose: Purpose) -> Result<Option<Draft>> {
    let redactor = Redactor::new(&desk.recorder.config.redact);
    let material = Material::of(entries, &redactor);
    material.map(|material| draft_of(desk, &material, purpose, &[])).transpose()
}

fn draft_of(desk: &Desk<'_>, material: &Material, purpose: Purpose, rejected: &[String]) -> Result<Draft> {
    let config = &desk.recorder.config.narration;
    let prompt = question(material, purpose, (config.prompt_tokens, config.reply_tokens), rejected)?;
    let estimate = Spent::of(prompt.tokens, config.reply_tokens, desk.price);
    Ok(Draft { prompt, estimate })
}

/// Asks, with the book kept: charged before, settled after.
fn ask(desk: &Desk<'_>, draft: &Draft) -> Result<Result<Reply, Told>> {
    let today = desk.recorder.env.later().date_naive();
    if let Some(why) = desk.ledger.charge(today, draft.estimate, &desk.recorder.config.narration)? {
        return Ok(Err(Told::TooDear(why)));
    }
    let answer = (desk.ask)(&draft.prompt.request);
    desk.settle(today, draft, answer.as_ref())?;
    Ok(answer.map_err(Told::Failed))
}

fn prose(desk: &Desk<'_>, reply: Reply, verified: Verified, account: &Account) -> Prose {
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    Prose {
        sentences: verified.sentences,
        model: reply.model,
        at: desk.recorder.env.later(),
        kept: count(account.kept.len()),
        dropped: count(account.dropped.len()),
    }
}
