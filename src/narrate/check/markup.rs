//! Plain text: what a page may show of a claim.
//!
//! In: a claim's Markdown. Out: the same words, the only markup code between backticks. Never here: a judgement.

/// Takes the markup off. A link is left as its text.
pub(super) fn plain(text: &str) -> String {
    let text = without_tags(text);
    let mut out = String::with_capacity(text.len());
    for (nth, piece) in text.split('`').enumerate() {
        if nth > 0 {
            out.push('`');
        }
        if nth % 2 == 1 { out.push_str(piece) } else { out.push_str(&without_emphasis(&links(piece))) }
    }
    // An odd backtick opens nothing.
    if out.matches('`').count() % 2 == 1
        && let Some(last) = out.rfind('`')
    {
        out.remove(last);
    }
    let out = out.replace("``", "`");
    let line = out.split_whitespace().collect::<Vec<_>>().join(" ");
    line.trim_start_matches(['#', '>', '|', ' ']).trim_end_matches(['|', ' ']).to_owned()
}

/// `[text](address)` and `![text](address)` as `text`.
fn links(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(open) = rest.find('[') {
        let found = rest[open..].find("](").and_then(|middle| {
            let end = rest[open + middle..].find(')')?;
            let label = &rest[open + 1..open + middle];
            (!label.contains('[')).then_some((label, open + middle + end))
        });
        let Some((label, end)) = found else {
            out.push_str(&rest[..=open]);
            rest = &rest[open + 1..];
            continue;
        };
        out.push_str(rest[..open].strip_suffix('!').unwrap_or(&rest[..open]));
        out.push_str(label);
        rest = &rest[end + 1..];
    }
    out.push_str(rest);
    out
}

/// Without `<b>` and `<!-- … -->`; `a < b` and `Vec<T>` keep theirs.
fn without_tags(text: &str) -> String {
    const TAGS: &[&str] = &[
        "b", "i", "em", "strong", "code", "br", "p", "sub", "sup", "a", "div", "span", "ul", "ol", "li", "details",
        "summary", "u", "s", "kbd", "pre", "h1", "h2", "h3", "h4", "table", "tr", "td", "img", "script", "style",
    ];
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(open) = rest.find('<') {
        out.push_str(&rest[..open]);
        let inner = &rest[open + 1..];
        if let Some(comment) = inner.strip_prefix("!--") {
            rest = comment.find("-->").map_or("", |end| &comment[end + 3..]);
            continue;
        }
        let name: String =
            inner.trim_start_matches('/').chars().take_while(char::is_ascii_alphanumeric).collect::<String>();
        match inner.find('>') {
            Some(end) if end < 200 && TAGS.contains(&name.to_ascii_lowercase().as_str()) => {
                if matches!(name.as_str(), "code" | "kbd") {
                    out.push('`');
                }
                rest = &inner[end + 1..];
            }
            _ => {
                out.push('<');
                rest = inner;
            }
        }
    }
    out.push_str(rest);
    out
}

/// Without `**`, `__`, and `*` or `_` around words; `snake_case` and `2 * 3` stay.
fn without_emphasis(text: &str) -> String {
    let text = text.replace("**", "").replace("~~", "");
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    for (at, char) in chars.iter().enumerate() {
        let before = at.checked_sub(1).map(|at| chars[at]);
        let after = chars.get(at + 1).copied();
        let blank = |char: Option<char>| char.is_none_or(|char| !char.is_alphanumeric() && char != '_' && char != '`');
        let opens = blank(before) && after.is_some_and(|char| !char.is_whitespace());
        let closes = blank(after) && before.is_some_and(|char| !char.is_whitespace());
        if matches!(char, '*' | '_')
            && (opens || closes)
            && chars.iter().filter(|other| *other == char).count() % 2 == 0
        {
            continue;
        }
        out.push(*char);
    }
    out
}
