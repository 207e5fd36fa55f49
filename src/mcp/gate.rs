//! Who may speak to the server over HTTP.
//!
//! In: the head of a request, and what was settled when the server was started. Out: whether it is let in.
//! Never here: a token compared so that the time it takes tells how much of it is right, or one that is written down.

use std::fmt;

use anyhow::{Result, bail};
use hyper::header::{AUTHORIZATION, HeaderMap};
use sha2::{Digest, Sha256};

/// The fewest characters of a token.
const SHORTEST: usize = 16;

/// The most.
const LONGEST: usize = 4 << 10;

/// A secret that clients have to know; only its digest is kept.
#[derive(Clone, PartialEq, Eq)]
pub struct Token([u8; 32]);

impl Token {
    /// A token, without the white space around it.
    ///
    /// # Errors
    /// It is too short to be a secret, or holds what cannot stand in a header.
    pub fn new(text: &str) -> Result<Self> {
        let text = text.trim();
        if text.len() < SHORTEST || text.len() > LONGEST {
            bail!("the token has {} characters; it takes {SHORTEST} to {LONGEST}", text.len());
        }
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            bail!("the token has characters that cannot stand in a header");
        }
        Ok(Self(Sha256::digest(text.as_bytes()).into()))
    }

    fn is(&self, given: &[u8]) -> bool {
        let given: [u8; 32] = Sha256::digest(given).into();
        // All bytes are looked at, whichever differ.
        let differing = self.0.iter().zip(given).fold(0, |all, (one, other)| all | (one ^ other));
        std::hint::black_box(differing) == 0
    }
}

/// Nobody shall read it in a log.
impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token")
    }
}

/// What was settled when the server was started.
#[derive(Debug, Clone, Default)]
pub struct Gate {
    /// What clients have to know; nothing, where only this machine can reach us.
    pub token: Option<Token>,
    /// Whether others than this machine can reach us.
    pub remote: bool,
}

impl Gate {
    /// Whether a request with this head knows the token.
    #[must_use]
    pub fn admits(&self, headers: &HeaderMap) -> bool {
        let Some(token) = &self.token else { return true };
        let mut given = headers.get_all(AUTHORIZATION).iter();
        let (Some(value), None) = (given.next(), given.next()) else { return false };
        let (scheme, rest) = value.as_bytes().split_at(value.len().min("bearer ".len()));
        scheme.eq_ignore_ascii_case(b"bearer ") && token.is(rest.trim_ascii())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "0123456789abcdef-secret";

    #[test]
    fn a_token_is_long_enough_and_never_shown() {
        assert!(Token::new("short").is_err() && Token::new("a b c d e f g h i j k l").is_err());
        assert_eq!(Token::new(&format!(" {SECRET}\n")).unwrap(), Token::new(SECRET).unwrap());
        assert_eq!(format!("{:?}", Token::new(SECRET).unwrap()), "Token");
    }

    #[test]
    fn only_who_knows_the_token_is_let_in() {
        let gate = Gate { token: Some(Token::new(SECRET).unwrap()), remote: true };
        let check = |values: &[&str], expected: bool| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(AUTHORIZATION, value.parse().unwrap());
            }
            assert_eq!(gate.admits(&headers), expected, "{values:?}");
        };
        check(&[&format!("Bearer {SECRET}")], true);
        check(&[&format!("bearer  {SECRET} ")], true);
        check(&[], false);
        check(&["Bearer"], false);
        check(&["Bearer "], false);
        check(&[SECRET], false);
        check(&[&format!("Basic {SECRET}")], false);
        check(&[&format!("Bearer {SECRET}x")], false);
        check(&[&format!("Bearer {SECRET}"), &format!("Bearer {SECRET}")], false);
        assert!(Gate::default().admits(&HeaderMap::new()));
    }
}
