//! Passwords that a sentence tells: "password `x1y2z3`", `IDENTIFIED BY 'x'`, „das Passwort ist x1y2z3“, `密码：x1y2z3`.
//!
//! In: a text. Out: the values. Never here: values behind `=` and `:` of an English name (those are assignments), and plain
//! words: what follows "password" in a sentence is most often the sentence's next word.

use memchr::memmem;

use super::found::{self, Found, PASSWORD};
use super::placeholders::is_placeholder;
use super::values;

/// What people call a password, without a first letter that may be a capital.
const WORDS: &[&str] = &[
    "assword",
    "asswort",
    "ennwort",
    "ot de passe",
    "ontraseña",
    "enha",
    "achtwoord",
    "asło",
    "ароль",
    "パスワード",
    "密码",
    "密碼",
    "비밀번호",
];

/// What may stand between the word and its value.
const JOINTS: &[&str] = &["ist ", "lautet ", "es ", "est ", "é ", "è ", "это ", "は", "是", "为", ":", "="];

/// What may stand there in English, too: the others are assignments' signs.
const SIGNS: &[&str] = &["->", "→", "：", "は", "是", "为"];

/// What SQL writes before a password in quotes.
const SQL: &[&str] = &["PASSWORD '", "IDENTIFIED BY '", "IDENTIFIED BY \"", "password '", "identified by '"];

/// How much around the word is looked at, in bytes.
const NEAR: usize = 200;

const QUOTES: [char; 7] = ['"', '\'', '`', '“', '„', '«', '「'];

/// Reports the passwords that sentences tell.
pub(super) fn find(text: &str, found: &mut Vec<Found>) {
    for word in WORDS {
        for at in memmem::find_iter(text.as_bytes(), word) {
            let Some((start, len)) = value(text, at, at + word.len()) else { continue };
            found.push(Found { start, end: start + len, kind: PASSWORD });
        }
    }
    for word in SQL {
        for start in memmem::find_iter(text.as_bytes(), word).map(|at| at + word.len()) {
            let near = &text[start..found::floor(text, start + NEAR)];
            let Some(len) = near.find(&word[word.len() - 1..]) else { continue };
            if len >= 3 && !near[..len].contains([' ', '\n']) && !is_placeholder(&near[..len]) {
                found.push(Found { start, end: start + len, kind: PASSWORD });
            }
        }
    }
}

/// Where the value behind a word for it starts, and how long it is.
fn value(text: &str, word: usize, after: usize) -> Option<(usize, usize)> {
    let rest = &text[after..found::floor(text, after + NEAR)];
    let english = text[word..].starts_with("assword");
    // `Senha`, but no word that only ends so. An English name may be the end of another (`userpassword`).
    let mut before = text[..word].chars().rev();
    let begun = !text[word..].starts_with(|c: char| c.is_alphabetic() && c.is_lowercase())
        || before.next().is_some_and(char::is_alphabetic)
            && (english || !before.next().is_some_and(char::is_alphanumeric));
    if !begun {
        return None;
    }
    let blank = |c: char| matches!(c, ' ' | '\u{a0}' | '\u{3000}');
    let behind = rest.trim_start_matches(|c| blank(c) || matches!(c, '*' | '_'));
    let joints = if english { SIGNS } else { JOINTS };
    let joint = joints.iter().chain(SIGNS).find(|joint| behind.starts_with(**joint));
    let told = match joint {
        Some(joint) => &behind[joint.len()..],
        // In quotes right behind the word, or on a line of `.netrc`.
        None if behind.len() < rest.len() && (is_quoted(behind) || is_login(text, word)) => behind,
        None => return None,
    };
    let bare = told.trim_start_matches(|c| blank(c) || QUOTES.contains(&c) || matches!(c, '*' | '_'));
    let ends = |b: &u8| !b.is_ascii_graphic() || matches!(b, b'"' | b'\'' | b'`' | b'<' | b'*');
    let len = bare.bytes().position(|b| ends(&b)).unwrap_or(bare.len());
    let said = bare[..len].trim_end_matches(['.', ',', ';', ')', ':', '?', '!']);
    let secret = said.len() >= 5 && values::is_mixed(said) && !said.contains('(') && !is_placeholder(said);
    secret.then_some((after + rest.len() - bare.len(), said.len()))
}

/// Whether a text begins with a word in quotes that could be a password, and no rule for one (`min_length=8`).
fn is_quoted(text: &str) -> bool {
    let inner = text.trim_start_matches(QUOTES);
    let ends = |c: char| matches!(c, '"' | '\'' | '`' | '”' | '“' | '»' | '」' | ' ' | '\n');
    let word = inner.find(ends).map_or("", |len| &inner[..len]);
    inner.len() < text.len() && !word.contains(['_', '=', '/', '-']) && !inner[word.len()..].starts_with([' ', '\n'])
}

/// Whether "password" stands behind `login name`.
fn is_login(text: &str, word: usize) -> bool {
    let near = &text[found::floor(text, word.saturating_sub(NEAR))..word];
    // The last of these words is what of "password" stands before its second letter.
    near.split_whitespace().rev().nth(2) == Some("login")
}

#[cfg(test)]
mod tests {
    use super::super::tests::check_gone;

    #[test]
    fn passwords_go_that_a_sentence_tells() {
        for text in [
            "log in as admin with password \"s3cret99\"",
            "the password `s3cret99` works",
            "**Password:** s3cret99",
            "**Password**: `s3cret99`",
            "password → s3cret99",
            "password -> s3cret99",
            "password：s3cret99",
            "password:\u{a0}s3cret99",
            "das Passwort ist s3cret99.",
            "mot de passe : s3cret99",
            "la contraseña es s3cret99",
            "senha: s3cret99",
            "пароль: s3cret99",
            "パスワードはs3cret99です",
            "密码：s3cret99",
            "CREATE USER bob WITH PASSWORD 's3cret99';",
            "ALTER USER bob IDENTIFIED BY 's3cret99';",
            "- name: DB_PASSWORD\n  value: s3cret99",
            "{\"name\":\"DB_PASSWORD\",\"value\":\"s3cret99\"}",
            "{\\\"name\\\":\\\"DB_PASSWORD\\\",\\\"value\\\":\\\"s3cret99\\\"}",
            "<add key=\"Password\" value=\"s3cret99\"/>",
            "app:s3cret99@tcp(127.0.0.1:3306)/db",
            "jdbc:oracle:thin:scott/s3cret99@//h:1521/x",
        ] {
            check_gone(text, "s3cret99");
        }
    }
}
