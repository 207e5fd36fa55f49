//! Words that stand where a secret would, and are none.
//!
//! In: a value. Out: whether it only stands for a secret. Never here: what makes a value a secret.

/// Words that stand where a secret would, and are none.
const STAND_INS: &[&str] = &[
    "none",
    "null",
    "nil",
    "undefined",
    "true",
    "false",
    "yes",
    "no",
    "string",
    "str",
    "number",
    "int",
    "bool",
    "boolean",
    "any",
    "unknown",
    "never",
    "void",
    "object",
    "bytes",
    "text",
    "varchar",
    "optional",
    "option",
    "required",
    "missing",
    "invalid",
    "incorrect",
    "wrong",
    "empty",
    "hidden",
    "expired",
    "changed",
    "impl",
    "dyn",
    "mut",
    "const",
    "ref",
    "let",
    "self",
    "this",
    "await",
    "match",
    "new",
    "if",
    "the",
    "a",
    "an",
    "is",
    "to",
    "for",
    "and",
    "or",
    "in",
    "from",
    "with",
    "on",
    "must",
    "should",
    "not",
    "your",
    "flag",
    "header",
    "headers",
    "redacted",
    "secret",
    "placeholder",
    "example",
    "sample",
    "todo",
    "tbd",
    "default",
    "value",
    "input",
    "prompt",
    "field",
    "file",
    "password",
    "pass",
    "user",
    "username",
    // How a password is kept, which is what sentences say of it.
    "base64",
    "sha1",
    "sha256",
    "sha512",
    "md5",
    "argon2",
    "argon2id",
    "pbkdf2",
    "utf8",
];

/// Whether a value only stands for a secret: a reference to a variable, a placeholder, a mask, a type.
pub(super) fn is_placeholder(value: &str) -> bool {
    let value = value.trim().trim_end_matches([',', ';', '.', ')', '?', '!', ':']);
    let Some(first) = value.chars().next() else { return true };
    let lower = value.to_ascii_lowercase();
    let variable = |name: &str| {
        !name.is_empty() && name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
    };
    lower.trim_start_matches(['&', '*']).split('/').all(|word| STAND_INS.contains(&word))
        || value.chars().all(|c| c == first || matches!(c, '-' | '_'))
        || value.chars().all(|c| matches!(c, 'x' | 'X' | '*' | '•' | '.' | '…' | '-' | '[' | ']'))
        || ["${", "$(", "$[", "{{", "#{", "%(", "<%", "{%", "@{", "[redacted"]
            .iter()
            .any(|open| value.starts_with(open))
        || value
            .strip_prefix('$')
            .is_some_and(|name| !name.contains(|c: char| !c.is_alphabetic() && c != '_') || variable(name))
        || value.strip_prefix('%').and_then(|rest| rest.strip_suffix('%')).is_some_and(variable)
        || (first == '<' && value.ends_with('>'))
        || (first == '{' && value.ends_with('}'))
        || ["xxxx", "****", "••••", "...", "your-", "your_", "yourpass", "example-", "process.env", "os.environ"]
            .iter()
            .any(|mark| lower.starts_with(mark))
        || lower.contains("xxxxxx")
        || lower.contains("changeme") && lower.len() == 8
}
