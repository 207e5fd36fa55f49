//! install.sh on the network: proxies, mirrors, redirects, secrets, and programs that fetch.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::mpsc;
use std::time::Duration;

use crate::installing::{Ground, fake, find, heard, only};
use crate::release_server::{Mode, Server};

/// A proxy for plain HTTP: it passes requests on to their host and tells for what it was asked.
fn proxy() -> (String, mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let (tell, told) = mpsc::channel();
    std::thread::spawn(move || {
        for mut client in listener.incoming().flatten() {
            let mut head = String::new();
            let mut reader = BufReader::new(client.try_clone().unwrap());
            while reader.read_line(&mut head).unwrap_or(0) > 2 {}
            let asked = head.split_whitespace().nth(1).unwrap_or_default().to_owned();
            if tell.send(asked.clone()).is_err() {
                return;
            }
            let Some((host, path)) = asked.trim_start_matches("http://").split_once('/') else { continue };
            let Ok(mut server) = TcpStream::connect(host) else { continue };
            write!(server, "GET /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").unwrap();
            // The server keeps connections open: what it announced is what is read.
            let mut reader = BufReader::new(server);
            let (mut answer, mut length) = (String::new(), 0);
            loop {
                let mut line = String::new();
                if reader.read_line(&mut line).unwrap_or(0) == 0 {
                    break;
                }
                answer.push_str(&line);
                if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
                    length = value.trim().parse().unwrap();
                }
                if line == "\r\n" {
                    break;
                }
            }
            let mut body = Vec::new();
            reader.take(length).read_to_end(&mut body).unwrap();
            let _ = client.write_all(answer.as_bytes()).and_then(|()| client.write_all(&body));
        }
    });
    (address, told)
}

#[test]
fn a_proxy_is_used_as_curl_and_wget_are_told() {
    for program in ["curl", "wget"] {
        let ground = Ground::new();
        let (address, told) = proxy();
        let mut command = ground.install(&[]);
        if program == "wget" {
            command.env("PATH", without_curl(&ground, "wget"));
        }
        let said = heard(command.env("http_proxy", &address));
        assert_eq!(said.code, Some(0), "{program}: {said}");
        let asked: Vec<_> = told.try_iter().collect();
        assert!(asked.iter().any(|asked| asked.ends_with(".tar.gz")), "{program}: {asked:?}");
    }
    let ground = Ground::new();
    let (address, told) = proxy();
    let said = heard(ground.install(&[]).env("http_proxy", &address).env("no_proxy", "127.0.0.1"));
    assert_eq!((said.code, told.try_iter().count()), (Some(0), 0), "{said}");
}

/// A `PATH` with everything that install.sh may want but curl, and with this.
fn without_curl(ground: &Ground, more: &str) -> PathBuf {
    only(
        &ground.path(format!("without-{more}")),
        &[
            "sh",
            "uname",
            "tr",
            "cut",
            "sed",
            "head",
            "tail",
            "mkdir",
            "rm",
            "mv",
            "ln",
            "cp",
            "ls",
            "cat",
            "chmod",
            "tar",
            "gzip",
            "mktemp",
            "readlink",
            "rmdir",
            "awk",
            "grep",
            "getconf",
            "sync",
            "sha256sum",
            "ssh-keygen",
            more,
        ],
    )
}

#[test]
fn wget_and_busybox_will_do() {
    for program in ["wget", "busybox"].into_iter().filter(|program| find(program).is_some()) {
        let ground = Ground::new();
        let path = without_curl(&ground, program);
        let said = heard(ground.install(&[]).env("PATH", &path));
        assert_eq!(said.code, Some(0), "{program}: {said}");
        assert_eq!(ground.version().as_deref(), Some("commit-story 1.0.0"));
        let said = heard(ground.install(&["--version", "9.9.9"]).env("PATH", &path));
        assert!(said.stderr.contains("404"), "{program}: {said}");
    }
    let ground = Ground::new();
    let said = heard(ground.install(&[]).env("PATH", without_curl(&ground, "env")));
    assert!(said.stderr.contains("please install curl or wget"), "{said}");
    // busybox asks anybody who answers: without a signature, and over the network, that is not enough.
    if find("busybox").is_some() {
        let path = without_curl(&ground, "busybox");
        std::fs::remove_file(path.join("ssh-keygen")).unwrap();
        let said = heard(ground.install(&[]).env("PATH", path).env("COMMIT_STORY_BASE_URL", "https://mirror.example"));
        assert!(said.stderr.contains("does not check whose server"), "{said}");
    }
}

#[test]
fn a_redirect_away_from_https_is_not_followed_by_wget_either() {
    // There is no https here: this one says what wget says, and fetches from the server of this machine.
    let ground = Ground::new();
    let spy = ground.path("spy");
    let run = |redirect: &str| {
        fake(
            &spy,
            "wget",
            &format!(
                "case $1 in --version) echo 'GNU Wget 1.21.3'; exit ;; esac\n\
                 for word; do case $word in --output-document=*) to=${{word#*=}} ;; esac; done\n\
                 sed 's|https://mirror.example|{}|' | {} -sSfL -K /dev/stdin -o \"$to\"\n\
                 printf '  HTTP/1.1 302 Found\\n  {redirect}\\n  HTTP/1.1 200 OK\\n' >&2",
                ground.server.base(),
                find("curl").unwrap().display()
            )
            .replace("sed 's", "sed 's/^/url = /; s"),
        );
        let path = std::env::join_paths([spy.clone(), without_curl(&ground, "env")]).unwrap();
        heard(ground.install(&[]).env("PATH", path).env("COMMIT_STORY_BASE_URL", "https://mirror.example"))
    };
    for redirect in ["Location: http://mirror.example/there", "location: HTTP://mirror.example/there"] {
        let said = run(redirect);
        assert!(said.stderr.contains("it was moved to an address that is not https"), "{said}");
        assert!(ground.found().is_empty());
    }
    let said = run("Location: https://mirror.example/there");
    assert_eq!(said.code, Some(0), "{said}");
}

#[test]
fn a_curl_from_a_snap_is_passed_over() {
    // It is told by its place, which a test cannot have; the words are tried where they stand.
    let script = crate::installing::template().replace("/snap/*)", "*/snap-of-a-test/*)");
    let ground = Ground::new();
    std::fs::write(ground.path("snap.sh"), crate::installing::filled(&script, "", "")).unwrap();
    let snap = ground.path("snap-of-a-test");
    fake(&snap, "curl", "echo 'a snap was run' >&2; exit 23");
    let run = |more: &str| {
        let path = std::env::join_paths([snap.clone(), without_curl(&ground, more)]).unwrap();
        heard(ground.shell(&["sh"]).env("PATH", path).arg(ground.path("snap.sh")))
    };
    assert!(run("env").stderr.contains("please install curl without snap, or wget"));
    assert_eq!(run("wget").code, Some(0));
}

#[test]
fn no_token_and_no_password_reaches_the_arguments_or_another_host() {
    let ground = Ground::new();
    let elsewhere = Server::start().unwrap();
    ground.server.change(|releases| releases.iter().for_each(|release| elsewhere.release(release.clone())));
    ground.server.misbehave(".tar.gz", Mode::Elsewhere(elsewhere.root()));
    for program in ["curl", "wget"] {
        // Whoever fetches is watched: its arguments are those that everybody can read in /proc.
        let spy = ground.path(format!("spy-{program}"));
        let real = find(program).unwrap();
        fake(
            &spy,
            program,
            &format!(
                "printf '%s\\n' \"$@\" >>'{}'\nexec {} \"$@\"",
                ground.path("arguments").display(),
                real.display()
            ),
        );
        let rest: PathBuf = without_curl(&ground, "env");
        let path = std::env::join_paths([spy, rest]).unwrap();
        let base = ground.server.base().replace("http://", "http://ada:s3cret@");
        let to = ground.path(format!("to-{program}"));
        let said = heard(
            ground
                .install(&["--to", to.to_str().unwrap()])
                .env("PATH", path)
                .env("COMMIT_STORY_BASE_URL", base)
                .env("GH_TOKEN", "ghp_token")
                .env("GITHUB_TOKEN", "ghp_token"),
        );
        assert_eq!(said.code, Some(0), "{program}: {said}");
        assert!(!format!("{said}").contains("s3cret"), "{program}: {said}");
        assert!(said.stdout.contains("http://***@127.0.0.1"), "{said}");
        let receipt = std::fs::read_to_string(to.join(".commit-story/receipt.json")).unwrap();
        assert!(receipt.contains("base_url") && !receipt.contains("s3cret"), "{receipt}");
    }
    let arguments = std::fs::read_to_string(ground.path("arguments")).unwrap();
    assert!(arguments.contains("--output"), "{arguments}");
    assert!(!arguments.contains("s3cret") && !arguments.contains("ghp_token"), "{arguments}");
    let all = [ground.server.asked(), elsewhere.asked()];
    assert!(all.iter().all(|asked| !asked.is_empty()));
    for asked in all.iter().flatten() {
        assert!(asked.headers.values().all(|value| !value.contains("ghp_token")), "{asked:?}");
    }
    // The mirror's own password goes to the mirror.
    assert!(all[0].iter().any(|asked| asked.headers.contains_key("authorization")));
    assert!(all[1].iter().all(|asked| !asked.headers.contains_key("authorization")));
}

#[test]
fn only_https_will_do_but_for_this_machine() {
    let ground = Ground::new();
    for (base, words) in [
        ("http://mirror.example/releases", "is not https"),
        ("ftp://mirror.example", "is not https"),
        ("mirror.example", "is not https"),
        ("http://127.0.0.1@mirror.example", "is not https"),
        ("http://127.0.0.1.mirror.example", "is not https"),
        ("https://mirror.example/\"\noutput = \"/tmp/x", "characters that no address has"),
        ("https://mirror.example/\\", "characters that no address has"),
    ] {
        let said = heard(ground.install(&[]).env("COMMIT_STORY_BASE_URL", base));
        assert!(said.stderr.contains(words), "{base}: {said}");
    }
    let said = heard(ground.install(&[]).env("COMMIT_STORY_BASE_URL", "http://u:s3cret@mirror.example"));
    assert!(said.stderr.contains("http://***@mirror.example") && !said.stderr.contains("s3cret"), "{said}");
    assert!(ground.found().is_empty());
}

#[test]
fn nothing_is_asked_of_the_api_and_a_stalled_download_is_given_up() {
    let ground = Ground::new();
    let spy = ground.path("spy");
    fake(
        &spy,
        "curl",
        &format!(
            // Whatever comes in a second is too slow for the archive.
            "printf '%s\\n' \"$@\" >>'{}'\n\
             asked=$(cat); less=''; case $asked in *.tar.gz*) less='--speed-time 1 --speed-limit 1000000000 --retry 0' ;; esac\n\
             printf '%s\\n' \"$asked\" | {} \"$@\" $less",
            ground.path("arguments").display(),
            find("curl").unwrap().display()
        ),
    );
    let path =
        std::env::join_paths(std::iter::once(spy).chain(std::env::split_paths(&std::env::var_os("PATH").unwrap())));
    ground.server.misbehave(".tar.gz", Mode::Stalled);
    let said = heard(ground.install(&[]).env("PATH", path.unwrap()));
    assert!(said.stderr.contains("cannot download it"), "{said}");
    assert!(ground.found().is_empty());
    let arguments = std::fs::read_to_string(ground.path("arguments")).unwrap();
    for words in ["--proto\n", "--tlsv1.2\n", "--speed-time\n30\n", "--connect-timeout\n", "--retry\n3\n"] {
        assert!(arguments.contains(words), "{words}");
    }
    assert!(ground.server.asked().iter().all(|asked| !asked.path.contains("/repos/")));
    // Slow is not stalled.
    ground.server.behave();
    ground.server.misbehave(".tar.gz", Mode::Slow(6, Duration::from_millis(50)));
    assert_eq!(ground.installed(&[]).code, Some(0));
}
