//! Tokens that tell their issuer by how they begin.
//!
//! In: a text. Out: the tokens in it. Never here: tokens without a prefix, for which a name must speak.
//!
//! Prefixes, alphabets and lengths are those that the issuers document. Lengths are lower bounds well below the real ones:
//! issuers lengthen their tokens, and a token that was cut by somebody else is still worth hiding.

use super::found::{AWS_SECRET, Found};

/// How a family of tokens looks.
#[derive(Debug)]
pub(super) struct Prefix {
    /// What every token of the family begins with.
    pub(super) text: &'static str,
    /// What to call it.
    pub(super) kind: &'static str,
    /// The characters that may follow.
    body: Body,
    /// How many must follow at least.
    min: usize,
}

/// What may follow a prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Body {
    /// Letters and digits.
    Alnum,
    /// Capital letters and digits.
    Upper,
    /// Hexadecimal digits.
    Hex,
    /// Just as many hexadecimal digits as the least: a longer run is a hash behind a name.
    ExactHex,
    /// Letters, digits, `-` and `_`.
    Url,
    /// The same, with one stretch of sixteen letters and digits, one of them a digit: for prefixes that words have, too.
    Random,
    /// Letters, digits, `-`, `_` and `.`.
    Dotted,
    /// Letters, digits, `-`, `_`, `.`, `+`, `/`, `=`.
    Base64,
    /// The two further parts of a JSON web token.
    Jwt,
    /// A bot's id, an instant and a signature, with dots between.
    Discord,
}

const fn prefix(text: &'static str, kind: &'static str, body: Body, min: usize) -> Prefix {
    Prefix { text, kind, body, min }
}

/// What the public half of an Amazon key is called.
const AWS_ID: &str = "aws access key";

/// The families. Where one prefix begins another, the longer stands first.
pub(super) const PREFIXES: &[Prefix] = &[
    prefix("sk-ant-", "anthropic key", Body::Url, 8),
    prefix("sk-or-", "openrouter key", Body::Url, 16),
    prefix("sk-proj-", "openai key", Body::Url, 8),
    prefix("sk-svcacct-", "openai key", Body::Url, 8),
    prefix("sk-admin-", "openai key", Body::Random, 16),
    prefix("sk-lf-", "langfuse key", Body::Url, 24),
    prefix("sk-", "openai key", Body::Random, 16),
    prefix("ghp_", "github token", Body::Alnum, 8),
    prefix("gho_", "github token", Body::Alnum, 8),
    prefix("ghu_", "github token", Body::Alnum, 8),
    prefix("ghs_", "github token", Body::Base64, 16),
    prefix("ghr_", "github token", Body::Alnum, 8),
    prefix("github_pat_", "github token", Body::Url, 8),
    prefix("AKIA", AWS_ID, Body::Upper, 12),
    prefix("ASIA", AWS_ID, Body::Upper, 12),
    prefix("AROA", AWS_ID, Body::Upper, 12),
    prefix("AIDA", AWS_ID, Body::Upper, 12),
    prefix("ABIA", AWS_ID, Body::Upper, 12),
    prefix("ACCA", AWS_ID, Body::Upper, 12),
    prefix("AIza", "google key", Body::Url, 24),
    prefix("ya29.", "google token", Body::Url, 16),
    prefix("GOCSPX-", "google token", Body::Url, 16),
    prefix("sk_live_", "stripe key", Body::Alnum, 8),
    prefix("sk_test_", "stripe key", Body::Alnum, 8),
    prefix("rk_live_", "stripe key", Body::Alnum, 8),
    prefix("rk_test_", "stripe key", Body::Alnum, 8),
    prefix("sk_org_live_", "stripe key", Body::Alnum, 8),
    prefix("whsec_", "stripe key", Body::Base64, 24),
    prefix("xoxb-", "slack token", Body::Url, 8),
    prefix("xoxp-", "slack token", Body::Url, 8),
    prefix("xoxa-", "slack token", Body::Url, 8),
    prefix("xoxr-", "slack token", Body::Url, 8),
    prefix("xoxs-", "slack token", Body::Url, 8),
    prefix("xoxo-", "slack token", Body::Url, 8),
    prefix("xoxc-", "slack token", Body::Url, 8),
    prefix("xoxd-", "slack token", Body::Base64, 8),
    prefix("xoxe-", "slack token", Body::Url, 8),
    prefix("xoxe.xox", "slack token", Body::Url, 8),
    prefix("xapp-", "slack token", Body::Url, 16),
    prefix("glpat-", "gitlab token", Body::Dotted, 8),
    prefix("gldt-", "gitlab token", Body::Url, 16),
    prefix("glrt-", "gitlab token", Body::Dotted, 16),
    prefix("glptt-", "gitlab token", Body::Url, 16),
    prefix("glcbt-", "gitlab token", Body::Url, 16),
    prefix("glsoat-", "gitlab token", Body::Url, 16),
    prefix("glft-", "gitlab token", Body::Url, 16),
    prefix("glimt-", "gitlab token", Body::Url, 16),
    prefix("gloas-", "gitlab token", Body::Url, 32),
    prefix("glagent-", "gitlab token", Body::Url, 32),
    prefix("GR1348941", "gitlab token", Body::Url, 16),
    prefix("npm_", "npm token", Body::Alnum, 20),
    prefix("pypi-", "pypi token", Body::Random, 24),
    prefix("hf_", "hugging face token", Body::Alnum, 20),
    prefix("SG.", "sendgrid key", Body::Dotted, 32),
    prefix("eyJ", "jwt", Body::Jwt, 8),
    prefix("dop_v1_", "digitalocean token", Body::Hex, 32),
    prefix("doo_v1_", "digitalocean token", Body::Hex, 32),
    prefix("dor_v1_", "digitalocean token", Body::Hex, 32),
    prefix("dapi", "databricks token", Body::ExactHex, 32),
    prefix("shpat_", "shopify token", Body::Hex, 24),
    prefix("shpca_", "shopify token", Body::Hex, 24),
    prefix("shppa_", "shopify token", Body::Hex, 24),
    prefix("shpss_", "shopify token", Body::Hex, 24),
    prefix("lin_api_", "linear key", Body::Alnum, 24),
    prefix("AGE-SECRET-KEY-1", "age key", Body::Upper, 32),
    prefix("hvs.", "vault token", Body::Url, 20),
    prefix("hvb.", "vault token", Body::Url, 20),
    prefix("dp.pt.", "doppler token", Body::Alnum, 24),
    prefix("dp.ct.", "doppler token", Body::Alnum, 24),
    prefix("dp.st.", "doppler token", Body::Dotted, 24),
    prefix("dckr_pat_", "docker token", Body::Url, 16),
    prefix("dckr_oat_", "docker token", Body::Url, 16),
    prefix("figd_", "figma token", Body::Url, 24),
    prefix("ntn_", "notion token", Body::Alnum, 32),
    prefix("secret_", "notion token", Body::Alnum, 40),
    prefix("sbp_", "supabase token", Body::Hex, 32),
    prefix("sb_secret_", "supabase token", Body::Url, 20),
    prefix("gsk_", "groq key", Body::Alnum, 32),
    prefix("xai-", "xai key", Body::Alnum, 32),
    prefix("pplx-", "perplexity key", Body::Alnum, 32),
    prefix("r8_", "replicate token", Body::Alnum, 32),
    prefix("key-", "mailgun key", Body::ExactHex, 32),
    prefix("SK", "twilio key", Body::ExactHex, 32),
    prefix("cio", "crates.io token", Body::Alnum, 32),
    prefix("rubygems_", "rubygems key", Body::Hex, 32),
    prefix("PMAK-", "postman key", Body::Url, 32),
    prefix("sntrys_", "sentry token", Body::Base64, 32),
    prefix("sntryu_", "sentry token", Body::Hex, 32),
    prefix("nvapi-", "nvidia key", Body::Url, 32),
    prefix("tskey-", "tailscale key", Body::Url, 20),
    prefix("CFPAT-", "contentful token", Body::Url, 24),
    prefix("EAACEdEose0cBA", "facebook token", Body::Alnum, 1),
    prefix("ATATT3", "atlassian token", Body::Base64, 32),
    prefix("ATCTT3", "atlassian token", Body::Base64, 32),
    prefix("vcp_", "vercel token", Body::Alnum, 24),
    prefix("vercel_", "vercel token", Body::Alnum, 24),
    prefix("pscale_tkn_", "planetscale token", Body::Dotted, 24),
    prefix("pscale_pw_", "planetscale token", Body::Dotted, 24),
    prefix("phx_", "posthog key", Body::Alnum, 32),
    prefix("glsa_", "grafana token", Body::Url, 32),
    prefix("glc_", "grafana token", Body::Base64, 32),
    prefix("NRAK-", "new relic key", Body::Upper, 20),
    prefix("ABSK", "aws bedrock key", Body::Alnum, 40),
    prefix("fw_", "fireworks key", Body::Random, 20),
    prefix("tgp_v1_", "together key", Body::Url, 32),
    prefix("lsv2_", "langsmith key", Body::Random, 32),
    prefix("pcsk_", "pinecone key", Body::Url, 32),
    prefix("tvly-", "tavily key", Body::Random, 20),
    prefix("jina_", "jina key", Body::Alnum, 40),
    prefix("cfut_", "cloudflare token", Body::Alnum, 32),
    prefix("cfat_", "cloudflare token", Body::Alnum, 32),
    prefix("re_", "resend key", Body::Random, 20),
    prefix("rnd_", "render key", Body::Random, 20),
    prefix("fm2_", "fly token", Body::Base64, 40),
    prefix("fo1_", "fly token", Body::Url, 32),
    prefix("pul-", "pulumi token", Body::ExactHex, 40),
    prefix("ops_eyJ", "1password token", Body::Url, 40),
    prefix("sq0atp-", "square token", Body::Url, 20),
    prefix("sq0csp-", "square token", Body::Url, 32),
    prefix("apify_api_", "apify token", Body::Alnum, 24),
    prefix("LTAI", "alibaba key", Body::Alnum, 16),
    prefix("xkeysib-", "brevo key", Body::Url, 32),
    prefix("sgp_", "sourcegraph token", Body::Random, 32),
    prefix("sqp_", "sonar token", Body::ExactHex, 40),
    prefix("squ_", "sonar token", Body::ExactHex, 40),
    prefix("M", "discord token", Body::Discord, 0),
    prefix("N", "discord token", Body::Discord, 0),
    prefix("O", "discord token", Body::Discord, 0),
];

/// For every byte, the prefixes that begin with it, one bit each: most bytes of a text are done with one look.
static BY_FIRST_BYTE: [u128; 256] = {
    assert!(PREFIXES.len() <= 128, "one bit each");
    let mut table = [0; 256];
    let mut at = 0;
    while at < PREFIXES.len() {
        table[PREFIXES[at].text.as_bytes()[0] as usize] |= 1 << at;
        at += 1;
    }
    table
};

/// Reports the tokens of a text.
pub(super) fn find(text: &str, found: &mut Vec<Found>) {
    let bytes = text.as_bytes();
    let mut at = 0;
    // Where the run ends that has been found to be no JSON web token: no later part of it is one either.
    let mut no_jwt = 0;
    while at < bytes.len() {
        let mut candidates = BY_FIRST_BYTE[bytes[at] as usize];
        if candidates == 0 || !starts_token(bytes, at) {
            at += 1;
            continue;
        }
        let mut end = at + 1;
        while candidates != 0 {
            let prefix = &PREFIXES[candidates.trailing_zeros() as usize];
            candidates &= candidates - 1;
            if prefix.body == Body::Jwt && at < no_jwt {
                continue;
            }
            if let Some(len) = prefix.matches(&bytes[at..]) {
                end = at + len;
                found.push(Found { start: at, end, kind: prefix.kind });
                if prefix.kind == AWS_ID {
                    end = find_aws_secret(bytes, end, found).unwrap_or(end);
                }
                break;
            }
            if prefix.body == Body::Jwt && bytes[at..].starts_with(prefix.text.as_bytes()) {
                no_jwt = at + run(&bytes[at..], is_url);
            }
        }
        at = end;
    }
    find_telegram(bytes, found);
}

/// Whether a token can begin here: not within a word. The last letter of an escape (`\n`, `%3D`) is no word.
fn starts_token(bytes: &[u8], at: usize) -> bool {
    let before = &bytes[..at];
    match before {
        [] | [.., b'\\', b'n' | b't' | b'r'] => true,
        [.., b'm'] if ends_colour(before) => true,
        [.., b'%', high, low] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => true,
        [.., last] => !last.is_ascii_alphanumeric(),
    }
}

/// Whether the bytes end with what colours a terminal (`\x1b[31m`), its first character perhaps gone.
fn ends_colour(before: &[u8]) -> bool {
    let code = before.iter().rev().skip(1).take_while(|b| b.is_ascii_digit() || **b == b';').count();
    code > 0 && before.len() > code + 1 && before[before.len() - code - 2] == b'['
}

impl Prefix {
    /// The length of the token that the bytes begin with.
    fn matches(&self, bytes: &[u8]) -> Option<usize> {
        let body = bytes.strip_prefix(self.text.as_bytes())?;
        let len = match self.body {
            Body::Alnum => run(body, |b| b.is_ascii_alphanumeric()),
            Body::Upper => run(body, |b| b.is_ascii_uppercase() || b.is_ascii_digit()),
            Body::Hex => run(body, |b| b.is_ascii_hexdigit()),
            Body::ExactHex => {
                let len = run(body, |b| b.is_ascii_alphanumeric());
                return (len == self.min && body[..len].iter().all(u8::is_ascii_hexdigit))
                    .then_some(self.text.len() + len);
            }
            // A look at the beginning first: a long run of failures must not be walked from each of its bytes.
            Body::Random if !is_random(&body[..run(&body[..body.len().min(128)], is_url)]) => return None,
            Body::Url | Body::Random => run(body, is_url),
            Body::Dotted => run(body, |b| is_url(b) || b == b'.'),
            Body::Base64 => run(body, |b| is_url(b) || matches!(b, b'.' | b'+' | b'/' | b'=' | b'%')),
            Body::Jwt => return jwt(bytes),
            Body::Discord => return discord(bytes),
        };
        let body = &body[..len];
        if len < self.min {
            return None;
        }
        // A full stop ends the sentence, not the token.
        let kept = len - body.iter().rev().take_while(|b| **b == b'.').count();
        Some(self.text.len() + kept)
    }
}

/// How many bytes belong, from the first on.
fn run(bytes: &[u8], belongs: impl Fn(u8) -> bool) -> usize {
    bytes.iter().take_while(|b| belongs(**b)).count()
}

fn is_url(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}

/// Sixteen letters and digits in a row, one of them a digit: no word, and no name made of words, has that.
fn is_random(body: &[u8]) -> bool {
    body.split(|b| matches!(b, b'-' | b'_'))
        .any(|part| part.len() >= 16 && part.iter().any(u8::is_ascii_digit) && part.iter().any(u8::is_ascii_alphabetic))
}

/// The length of a JSON web token: a header and claims, and the signature unless it was cut off.
fn jwt(bytes: &[u8]) -> Option<usize> {
    let header = run(bytes, is_url);
    let rest = bytes[header..].strip_prefix(b".")?;
    let claims = run(rest, is_url);
    if header < 12 || claims < 8 {
        return None;
    }
    let signature = match rest[claims..].strip_prefix(b".") {
        Some(rest) => 1 + run(rest, is_url),
        None => 0,
    };
    Some(header + 1 + claims + signature)
}

/// The length of a Discord bot's token.
fn discord(bytes: &[u8]) -> Option<usize> {
    let id = run(bytes, |b| b.is_ascii_alphanumeric());
    let rest = bytes[id..].strip_prefix(b".").filter(|_| (23..=28).contains(&id))?;
    let time = run(rest, is_url);
    let rest = rest[time..].strip_prefix(b".")?;
    let signature = run(rest, is_url);
    let fits = (6..=7).contains(&time) && signature >= 27;
    fits.then_some(id + 1 + time + 1 + signature)
}

/// Reports the forty characters that stand right behind an Amazon key's id, as in a table; tells where they end.
fn find_aws_secret(bytes: &[u8], id: usize, found: &mut Vec<Found>) -> Option<usize> {
    let gap = run(&bytes[id..bytes.len().min(id + 8)], |b| b",;:|/\"'` \t".contains(&b));
    let start = id + gap;
    let secret = &bytes[start..bytes.len().min(start + 41)];
    let len = run(secret, |b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/'));
    let mixed = [u8::is_ascii_digit, u8::is_ascii_uppercase, u8::is_ascii_lowercase];
    if gap == 0 || len != 40 || !mixed.iter().all(|sort| secret[..len].iter().any(sort)) {
        return None;
    }
    found.push(Found { start, end: start + len, kind: AWS_SECRET });
    Some(start + len)
}

/// What a Telegram bot's token is called: it has a shape (digits, a colon, thirty-five characters) instead of a prefix.
pub(super) const TELEGRAM: &str = "telegram token";

/// Reports the tokens of Telegram bots.
fn find_telegram(bytes: &[u8], found: &mut Vec<Found>) {
    for colon in memchr::memchr_iter(b':', bytes) {
        let id = bytes[..colon].iter().rev().take(11).take_while(|b| b.is_ascii_digit()).count();
        if !(8..=10).contains(&id) {
            continue;
        }
        let secret = run(&bytes[colon + 1..], is_url);
        if (34..=36).contains(&secret) {
            found.push(Found { start: colon - id, end: colon + 1 + secret, kind: TELEGRAM });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{RANDOM, check_gone};

    #[test]
    fn an_amazon_secret_goes_with_its_id() {
        let (id, secret) =
            (["AK", "IA", "IOSFODNN7ABCDEFG"].concat(), format!("{}/{}", &RANDOM[..20], &RANDOM[20..39]));
        for text in [
            format!("Access key ID,Secret access key\n{id},{secret}\n"),
            format!("{id} {secret}"),
            format!("\"{id}\", \"{secret}\""),
            format!("{id}\t{secret}"),
        ] {
            check_gone(&text, &secret);
        }
    }
}
