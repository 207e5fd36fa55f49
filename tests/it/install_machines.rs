//! Which build install.sh takes on which machine: `uname`, `getconf` and `sysctl` are put before the real ones.

use commit_story::update::names;

use crate::installing::{Ground, archive, fake, heard, program};

/// A machine as those programs tell of it. Empty is a program that fails.
#[derive(Clone, Copy)]
struct Machine {
    system: &'static str,
    processor: &'static str,
    glibc: &'static str,
    bits: &'static str,
    translated: &'static str,
}

const USUAL: Machine =
    Machine { system: "Linux", processor: "x86_64", glibc: "glibc 2.36", bits: "64", translated: "" };

fn run(ground: &Ground, machine: Machine, args: &[&str]) -> crate::said::Said {
    let dir = ground.path("machine");
    fake(
        &dir,
        "uname",
        &format!("case $1 in -s) echo '{}' ;; *) echo '{}' ;; esac", machine.system, machine.processor),
    );
    let of = |value: &str| if value.is_empty() { "exit 1".to_owned() } else { format!("echo '{value}'") };
    let (glibc, bits) = (of(machine.glibc), of(machine.bits));
    fake(&dir, "getconf", &format!("case $1 in GNU_LIBC_VERSION) {glibc} ;; LONG_BIT) {bits} ;; esac"));
    fake(&dir, "sysctl", &of(machine.translated));
    fake(&dir, "ldd", "echo 'musl libc (x86_64)' >&2; exit 1");
    let usual = std::env::var_os("PATH").unwrap();
    let path = std::iter::once(dir).chain(std::env::split_paths(&usual));
    heard(ground.install(args).env("PATH", std::env::join_paths(path).unwrap()))
}

#[test]
fn each_machine_gets_its_build() {
    let ground = Ground::new();
    let check = |machine: Machine, expected: &str| {
        let said = run(&ground, machine, &["--dry-run"]);
        assert!(
            said.stdout.contains(&format!("would install commit-story 1.0.0 for {expected} ")),
            "{expected}: {said}"
        );
    };
    check(USUAL, "x86_64-unknown-linux-gnu");
    check(Machine { processor: "amd64", ..USUAL }, "x86_64-unknown-linux-gnu");
    check(Machine { processor: "aarch64", ..USUAL }, "aarch64-unknown-linux-gnu");
    check(Machine { glibc: "glibc 2.17", ..USUAL }, "x86_64-unknown-linux-gnu");
    // Too old, another libc, nobody knows, or a 32-bit system on a 64-bit kernel: the static build.
    for glibc in ["glibc 2.16", "glibc 2.5", "", "musl", "GNU_LIBC_VERSION: unknown"] {
        check(Machine { glibc, ..USUAL }, "x86_64-unknown-linux-musl");
    }
    check(Machine { processor: "arm64", glibc: "", ..USUAL }, "aarch64-unknown-linux-musl");
    check(Machine { bits: "32", ..USUAL }, "x86_64-unknown-linux-musl");
    check(Machine { system: "Darwin", ..USUAL }, "x86_64-apple-darwin");
    check(Machine { system: "Darwin", processor: "arm64", ..USUAL }, "aarch64-apple-darwin");
    // A translated shell on a machine with an ARM processor.
    check(Machine { system: "Darwin", translated: "1", ..USUAL }, "aarch64-apple-darwin");
    check(Machine { system: "Darwin", translated: "0", ..USUAL }, "x86_64-apple-darwin");
}

#[test]
fn a_machine_without_a_build_is_told_so_before_anything_is_fetched() {
    let ground = Ground::new();
    let check = |system: &'static str, processor: &'static str, words: &str| {
        let said = run(&ground, Machine { system, processor, ..USUAL }, &[]);
        assert_eq!(said.code, Some(1));
        assert!(said.stderr.contains(words), "{words}: {said}");
    };
    for processor in ["armv7l", "riscv64", "i686", "ppc64le", "s390x", "loongarch64"] {
        check("Linux", processor, &format!("there is no build for {processor} (Linux): cargo install"));
    }
    for system in ["FreeBSD", "SunOS", "Haiku"] {
        check(system, "x86_64", &format!("there is no build for {system}: cargo install"));
    }
    check("MINGW64_NT-10.0-22631", "x86_64", "install.ps1");
    assert!(ground.server.asked().is_empty() && ground.found().is_empty());
}

#[test]
fn the_program_itself_has_the_last_word_and_the_static_build_the_second_chance() {
    let ground = Ground::new();
    let dir = tempfile::tempdir().unwrap();
    let runs = archive(dir.path(), &program("1.1.0"));
    // As where the loader is missing that the program names.
    let does_not = archive(dir.path(), "#!/no/such/loader\n");
    let release = |gnu: &[u8], musl: &[u8]| {
        let files = names::TARGETS
            .into_iter()
            .filter(|target| target.contains("linux"))
            .map(|target| (names::archive("1.1.0", target), if target.ends_with("gnu") { gnu } else { musl }.to_vec()));
        ground.release("1.1.0", files.collect());
    };
    release(&does_not, &does_not);
    let said = run(&ground, USUAL, &[]);
    assert!(said.stderr.contains("the build for x86_64-unknown-linux-musl does not run here"), "{said}");
    assert!(ground.found().is_empty());
    release(&does_not, &runs);
    let forced = heard(ground.install(&[]).env("COMMIT_STORY_TARGET", "x86_64-unknown-linux-gnu"));
    assert!(forced.stderr.contains("does not run here"), "{forced}");
    let said = run(&ground, USUAL, &[]);
    assert!(said.stderr.contains("trying the static one"), "{said}");
    assert_eq!(ground.version().as_deref(), Some("commit-story 1.1.0"));
    let receipt = std::fs::read_to_string(ground.state().join("receipt.json")).unwrap();
    assert!(receipt.contains("\"target\": \"x86_64-unknown-linux-musl\""), "{receipt}");
}

#[test]
fn a_target_can_be_named_if_there_is_a_build_for_it() {
    let ground = Ground::new();
    let named = |target: &str| heard(ground.install(&["--dry-run"]).env("COMMIT_STORY_TARGET", target));
    for target in names::TARGETS.into_iter().filter(|target| !target.contains("windows")) {
        let said = named(target);
        assert!(said.stdout.contains(&format!(" for {target} ")), "{said}");
    }
    for target in ["x86_64", "x86_64-unknown-linux-gnu aarch64-unknown-linux-gnu", "mips-unknown-linux-gnu", "../x"] {
        assert!(named(target).stderr.contains("there is no build for"), "{target}");
    }
}
