//! Secrets in command lines that no `=` announces: `--password x`, `curl -u user:x`, `mysql -px`, `echo x | sudo -S`.
//!
//! In: a text. Out: the values. Never here: options whose names say nothing, but for the programs below.

use memchr::memmem;

use super::found::{self, Found, PASSWORD, SECRET, URL_CREDENTIALS};
use super::names;
use super::placeholders::is_placeholder;
use super::values::{self, Manner, Value};

/// How far back the program's name is looked for, in bytes.
const FAR: usize = 400;

/// Programs that log in to a registry with `-p`.
const LOGINS: &[&str] = &[
    "docker login",
    "podman login",
    "nerdctl login",
    "buildah login",
    "skopeo login",
    "registry login",
    "oras login",
    "az login",
    "acr login",
    "oc login",
    "cf login",
    "sshpass",
    "mongo",
    "mongosh",
    "mongodump",
    "mongorestore",
    "mongoexport",
    "mongoimport",
    "cypher-shell",
];

/// Options that hold a password: the programs, the option, and whether the value is glued to it.
const OPTIONS: &[(&[&str], &str, bool)] = &[
    (
        &[
            "mysql",
            "mysqldump",
            "mysqladmin",
            "mysqlimport",
            "mysqlsh",
            "mariadb",
            "mariadb-dump",
            "mariadb-admin",
            "mycli",
        ],
        " -p",
        true,
    ),
    (&["sshpass", "docker login", "podman login", "7z", "7za", "7zz"], " -p", true),
    (LOGINS, " -p ", false),
    (&["redis-cli"], " -a ", false),
    (&["sqlcmd", "bcp", "zip", "unzip"], " -P ", false),
    (&["ldapsearch", "ldapadd", "ldapmodify", "ldapdelete", "ldapwhoami", "ldappasswd"], " -w ", false),
    (&["ssh-keygen"], " -N ", false),
    (&["openssl enc"], " -k ", false),
    (&["keytool", "jarsigner"], " -storepass ", false),
    (&["keytool", "jarsigner"], " -keypass ", false),
    (&["gh secret set"], " -b ", false),
    (&["gh secret set"], " --body ", false),
];

/// Programs whose `user:password` options are not curl's.
const HTTPIE: &[&str] = &["http", "https", "xh", "xhs"];

/// What sets a variable without a sign between name and value.
const SETTERS: &[&str] = &["setx ", "setenv ", "set -x ", "set -gx ", "set -Ux ", "secret put ", "secrets set "];

/// What reads a password that was printed for it.
const READERS: &[&str] = &["sudo -S", "--password-stdin", "--with-token", "--passphrase-fd 0", "passwd --stdin"];

/// Reports the secrets of a text's command lines.
pub(super) fn find(text: &str, found: &mut Vec<Found>) {
    let bytes = text.as_bytes();
    for at in memmem::find_iter(bytes, " --") {
        long_option(text, at + 3, found);
    }
    for at in memmem::find_iter(bytes, " -") {
        // `-u`, also behind other letters (`-sSu`) or before its value (`-ubob:x`).
        let letters = bytes[at + 2..].iter().take(8).take_while(|b| b.is_ascii_alphabetic()).count();
        let option = &text[at + 2..at + 2 + letters];
        let glued = option.find(['u', 'U']).filter(|n| *n < 4);
        if let Some(end) = glued.filter(|_| is_run(text, at, &["curl"])) {
            user_and_password(text, at + 3 + end, found);
        } else if option == "a" && is_run(text, at, HTTPIE) {
            user_and_password(text, at + 3, found);
        } else if option == "U" && is_run(text, at, &["smbclient", "rpcclient"]) {
            divided(text, at + 3, '%', found);
        }
        for (programs, option, glued) in
            OPTIONS.iter().filter(|(_, option, _)| bytes[at..].starts_with(option.as_bytes()))
        {
            let after = at + option.len();
            let blank = text[after..].starts_with([' ', '\n']);
            if (!*glued || !blank) && is_run(text, at, programs) {
                push(values::read(text, after), text, PASSWORD, found);
            }
        }
    }
    for setter in SETTERS {
        for name in memmem::find_iter(bytes, setter).map(|at| at + setter.len()) {
            let len = bytes[name..].iter().take(names::LONGEST).take_while(|b| is_name(**b)).count();
            let Some(named) = names::judge(&text[name..name + len]) else { continue };
            let value = values::read(text, name + len).filter(|value| values::is_secret(named, value, Manner::Tight));
            push(value.filter(|_| text[name + len..].starts_with(' ')), text, named.kind, found);
        }
    }
    for reader in READERS {
        for at in memmem::find_iter(bytes, reader) {
            printed(text, at, found);
        }
    }
    for at in memmem::find_iter(bytes, "ConvertTo-SecureString ") {
        push(values::read(text, at + 23).filter(|value| value.quoted), text, PASSWORD, found);
    }
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-'
}

/// Reports the secret behind an option of two dashes, whose name begins at a byte.
fn long_option(text: &str, name: usize, found: &mut Vec<Found>) {
    let bytes = &text.as_bytes()[name..];
    let len = bytes.iter().take(names::LONGEST).take_while(|b| b.is_ascii_alphanumeric() || **b == b'-').count();
    let (option, behind) = (&text[name..name + len], name + len);
    let sign = text[behind..].chars().next();
    if matches!(option, "user" | "proxy-user" | "auth") && matches!(sign, Some(' ' | '=')) {
        user_and_password(text, behind + 1, found);
    }
    if option == "from-literal" && is_run(text, name, &["create secret"]) {
        divided(text, behind + 1, '=', found);
    }
    if sign != Some(' ') {
        return;
    }
    let Some(named) = names::judge(option) else { return };
    let value = values::read(text, behind).filter(|value| !value.text.starts_with('-'));
    if let Some(value) = value.filter(|value| values::is_secret(named, value, Manner::Tight)) {
        found.push(Found { start: value.start, end: value.end(text), kind: named.kind });
    }
}

/// Reports a value that is no placeholder and no option.
fn push(value: Option<Value<'_>>, text: &str, kind: &'static str, found: &mut Vec<Found>) {
    let value = value.filter(|value| !value.text.starts_with('-') && !is_placeholder(value.text));
    found.extend(value.map(|value| Found { start: value.start, end: value.end(text), kind }));
}

/// The command line up to a byte; a line that ends with a backslash goes on.
fn command(text: &str, end: usize) -> &str {
    let start = found::floor(text, end.saturating_sub(FAR));
    let near = &text[start..end];
    let bytes = near.as_bytes();
    let ends = |n: usize| match bytes[n] {
        b';' | b'|' | b'&' => true,
        b'\n' => n == 0 || bytes[n - 1] != b'\\',
        _ => false,
    };
    let from = (0..bytes.len()).rev().find(|n| ends(*n)).map_or(0, |n| n + 1);
    &near[from..]
}

/// Whether the command line up to a byte runs one of these programs.
fn is_run(text: &str, end: usize, programs: &[&str]) -> bool {
    let command = command(text, end);
    let bounded = |at: usize, program: &str| {
        let before = command[..at].chars().next_back();
        let after = command[at + program.len()..].chars().next();
        before.is_none_or(|c| !c.is_alphanumeric() && !matches!(c, '-' | '_' | '.'))
            && after.is_none_or(|c| c == ' ' || c == '\\')
    };
    programs.iter().any(|program| command.match_indices(program).any(|(at, _)| bounded(at, program)))
}

/// Reports `user:password` behind an option.
fn user_and_password(text: &str, at: usize, found: &mut Vec<Found>) {
    let Some(value) = values::read(text, at) else { return };
    let Some((user, password)) = value.text.split_once(':') else { return };
    // `--user 1000:1000`, `--user node:node`: whom a container runs as.
    let number = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    let ids = user == password || number(user) && number(password);
    if !is_placeholder(password) && !ids {
        found.push(Found { start: value.start, end: value.end(text), kind: URL_CREDENTIALS });
    }
}

/// Reports what stands behind the sign in `user%password`, `name=secret`.
fn divided(text: &str, at: usize, sign: char, found: &mut Vec<Found>) {
    let Some(value) = values::read(text, at) else { return };
    let Some((before, secret)) = value.text.split_once(sign) else { return };
    push(Some(value.behind(before.len() + 1)).filter(|_| !is_placeholder(secret)), text, SECRET, found);
}

/// Reports what `echo` or `printf` prints for the program behind the pipe at whose option a byte is.
fn printed(text: &str, at: usize, found: &mut Vec<Found>) {
    let start = found::floor(text, at.saturating_sub(FAR));
    let line = text[start..at].rsplit('\n').next().unwrap_or_default();
    let Some((before, _)) = line.rsplit_once('|') else { return };
    for program in ["echo ", "printf "] {
        let Some(n) = before.rfind(program) else { continue };
        let from = at - line.len() + n + program.len();
        let skip = ["-n ", "-e ", "'%s' ", "\"%s\" ", "%s "].iter().find(|skip| text[from..].starts_with(**skip));
        push(values::read(text, from + skip.map_or(0, |skip| skip.len())), text, PASSWORD, found);
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{check_gone, check_kept};

    #[test]
    fn passwords_of_command_lines_go() {
        for before in [
            "mysql -u root -p",
            "mysqldump -uroot -p",
            "7z a -p",
            "docker login -u bob -p",
            "docker login -u bob -p ",
            "helm registry login r -u bob -p ",
            "az login --service-principal -u a -p ",
            "mongosh -u a -p ",
            "sqlcmd -S h -U sa -P ",
            "unzip -P ",
            "ldapsearch -x -D cn=a -w ",
            "ssh-keygen -t ed25519 -N ",
            "keytool -storepass ",
            "curl --user=bob:",
            "curl -sSLu bob:",
            "curl -ubob:",
            "curl -U bob:",
            "curl https://x \\\n  -X POST \\\n  -u bob:",
            "http -a bob:",
            "https --auth bob:",
            "smbclient //h/s -U bob%",
            "kubectl create secret generic s --from-literal=foo=",
            "gh secret set FOO --body ",
            "setx DB_PASSWORD ",
            "set -gx API_TOKEN ",
            "REDISCLI_AUTH=",
            "ConvertTo-SecureString \"",
            "machine h login bob password ",
            "machine h\n  login bob\n  password ",
        ] {
            check_gone(&format!("{before}s3cret99 x"), "s3cret99");
        }
        for before in ["sudo -S apt update", "docker login -u bob --password-stdin", "gh auth login --with-token"] {
            check_gone(&format!("echo s3cret99 | {before}"), "s3cret99");
            check_gone(&format!("cd x && echo -n \"s3cret99\" | {before}"), "s3cret99");
            check_kept(&format!("echo \"$SECRET\" | {before}"));
        }
    }
}
