#!/bin/sh
# Installs commit-story for one user, puts another version in its place, or takes it out again: `sh install.sh --help`.
# docs/install.md explains what it does and writes. It needs a POSIX shell, tar, and curl or wget.
#
# Everything stands between braces: a shell runs nothing of it before it has read the last line, so that a download that
# broke off does nothing at all.
# shellcheck disable=SC2317 # all is reached: by a trap, and by names that are put together
{
    set -eu
    umask 022
    unset CDPATH
    # zsh splits words and runs traps in its own way unless it is told not to.
    if [ -n "${ZSH_VERSION-}" ]; then emulate sh; fi

    # >>> filled in for each release >>>
    REPOSITORY='https://github.com/OWNER/commit-story'
    # The version this script installs; empty for the newest.
    VERSION=''
    # The hashes of its archives, as SHA256SUMS has them.
    HASHES=''
    # Who may sign a release: lines of OpenSSH's allowed_signers, and the same keys as minisign writes them.
    SIGNERS='release@commit-story namespaces="commit-story-release" ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPTqz+lLslTEDhB/wZAjs4bcmousPvdushZcbPFuFirC
release@commit-story namespaces="commit-story-release" ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIG6auo2RAGDjqtaiQ0rqdjr2mBoGGLrZvxiM0TJtss81'
    KEYS='RWT06s/pS7JUxPTqz+lLslTEDhB/wZAjs4bcmousPvdushZcbPFuFirC
RWRumrqNkQBg426auo2RAGDjqtaiQ0rqdjr2mBoGGLrZvxiM0TJtss81'
    # <<< filled in for each release <<<

    TARGETS='x86_64-unknown-linux-gnu aarch64-unknown-linux-gnu x86_64-unknown-linux-musl aarch64-unknown-linux-musl
x86_64-apple-darwin aarch64-apple-darwin'
    BEGIN='# >>> commit-story >>>'
    END='# <<< commit-story <<<'
    NEWLINE='
'

    usage() {
        cat <<'TEXT'
Installs commit-story for you alone: without root, and without a change to any file that is yours.

Usage: install.sh [OPTIONS]    or    curl ... | sh -s -- [OPTIONS]

  --version X      install this version, not the newest
  --to DIR         install into DIR, not into $XDG_BIN_HOME or ~/.local/bin
  --modify-path    put that directory on PATH in your shell's start-up file
  --yes            replace a commit-story that something else has installed there
  --dry-run        say what would be done, and do nothing
  --uninstall      take out everything that this script wrote
  --help           this text

Variables for the same: COMMIT_STORY_VERSION, COMMIT_STORY_INSTALL_DIR, COMMIT_STORY_MODIFY_PATH=1. Others:

  COMMIT_STORY_BASE_URL             a mirror of .../releases; https, or http on this machine
  COMMIT_STORY_TARGET               the build to install, such as x86_64-unknown-linux-musl
  COMMIT_STORY_REQUIRE_SIGNATURE=1  stop where nothing can check the signature (ssh-keygen, minisign, OpenSSL 3)
  COMMIT_STORY_SKIP_CHECKSUM=1      install although nothing here can compute a SHA-256: nothing is verified
  COMMIT_STORY_UNMANAGED=1          the program only, without what `commit-story update` needs
  HTTPS_PROXY, NO_PROXY, ...          as curl and wget understand them
TEXT
    }

    say() { printf '%s\n' "$*"; }
    warn() { printf 'install.sh: %s\n' "$*" >&2; }
    die() {
        warn "$*"
        exit 1
    }
    wrong_place() { die "$*: choose another directory with --to DIR"; }
    refuse() { die "$*: nothing was installed"; }
    has() { command -v "$1" >/dev/null 2>&1; }
    is_on() { case $1 in '' | 0 | no | off | false) return 1 ;; esac }
    # An address without the password that may be in it.
    masked() { printf '%s\n' "$1" | sed 's|//[^/]*@|//***@|'; }

    main() {
        trap clean_up EXIT
        trap 'exit 129' HUP
        trap 'exit 130' INT
        trap 'exit 143' TERM
        stage='' made='' sums='' verifier='' done='' state=/dev/null receipt=/dev/null
        read_options "$@"
        find_place
        if is_on "$uninstall"; then
            uninstall
            return
        fi
        check_base
        find_target
        find_programs
        look_at_present
        open_stage
        find_version
        if [ "$present" = "$version" ]; then
            say "commit-story $version is in $binary already"
        elif is_on "$dry_run"; then
            say "would install commit-story $version for $target into $binary${present:+, in place of $present}"
        else
            get_program
            put_in_place
        fi
        is_on "$dry_run" || finish
    }

    clean_up() {
        # Before there is a stage, another run may be at work here.
        [ -n "$stage" ] || return 0
        rm -rf "$stage"
        # Where nothing was installed, nothing stays: neither the directories that were made nor what is in them.
        if [ -n "$made" ] && ! [ -e "$receipt" ]; then
            rm -f "$state/lock" "$state/directories"
            remove_made
        fi
    }

    # -- What is asked for -------------------------------------------------------------------------------------------

    read_options() {
        wanted=${COMMIT_STORY_VERSION:-} directory=${COMMIT_STORY_INSTALL_DIR:-}
        modify_path=${COMMIT_STORY_MODIFY_PATH:-} unmanaged=${COMMIT_STORY_UNMANAGED:-}
        unverified=${COMMIT_STORY_SKIP_CHECKSUM:-} strict=${COMMIT_STORY_REQUIRE_SIGNATURE:-}
        yes='' dry_run='' uninstall=''
        while [ $# -gt 0 ]; do
            case $1 in
                --version=*) wanted=${1#*=} ;;
                --to=*) directory=${1#*=} ;;
                --version | --to)
                    [ $# -gt 1 ] || die "$1 needs a value"
                    if [ "$1" = --to ]; then directory=$2; else wanted=$2; fi
                    shift
                    ;;
                --modify-path) modify_path=1 ;;
                --yes | -y) yes=1 ;;
                --dry-run) dry_run=1 ;;
                --uninstall) uninstall=1 ;;
                --help | -h)
                    usage
                    exit 0
                    ;;
                *) die "there is no option $1; --help lists them" ;;
            esac
            shift
        done
        explicit=$wanted
        wanted=${wanted:-$VERSION}
        wanted=${wanted#v}
        [ -z "$wanted" ] || is_version "$wanted" || die "$wanted is no version: one looks like 1.2.3"
        if is_on "$unmanaged" && is_on "$modify_path"; then
            die "--modify-path keeps a record, and COMMIT_STORY_UNMANAGED wants none"
        elif is_on "$unverified" && is_on "$strict"; then
            die "COMMIT_STORY_SKIP_CHECKSUM and COMMIT_STORY_REQUIRE_SIGNATURE exclude each other"
        fi
    }

    is_version() {
        case $1 in *[!0-9A-Za-z.-]*) return 1 ;; [0-9]*.[0-9]*.[0-9]*) ;; *) return 1 ;; esac
    }

    # Whether version $1 comes before version $2; 1.2.3-rc.1 comes before 1.2.3.
    is_older() {
        printf '%s\n' "$1" "$2" | awk -F '[.-]' '
            { number[NR] = ($1 * 1000 + $2) * 1000 + $3; early[NR] = /-/ }
            END { exit !(number[1] < number[2] || (number[1] == number[2] && early[1] && !early[2])) }'
    }

    # -- Where it goes -----------------------------------------------------------------------------------------------

    find_place() {
        if [ -n "$directory" ]; then
            :
        elif [ -n "${XDG_BIN_HOME:-}" ]; then
            directory=$XDG_BIN_HOME
        elif [ -n "${XDG_DATA_HOME:-}" ]; then
            directory=${XDG_DATA_HOME%/}
            directory=${directory%/*}/bin
        elif [ -n "${HOME:-}" ]; then
            directory=$HOME/.local/bin
        else
            die "HOME is not set: say where to install with --to DIR"
        fi
        case $directory in /*) ;; *) directory=$PWD/$directory ;; esac
        directory=${directory%/}
        # A record in JSON, and a line in a start-up file, have to hold it.
        [ "$(printf '%s.' "$directory" | tr -d '[:cntrl:]')" = "$directory." ] ||
            die "the directory's name has control characters in it: choose another with --to DIR"
        binary=$directory/commit-story
        [ ! -d "$directory" ] || binary=$(resolved "$binary") || die "$binary is a link that leads nowhere: remove it"
        place=${binary%/*}
        state=$place/.commit-story
        receipt=$state/receipt.json
        case $binary in */commit-story) ;; *) wrong_place "$directory/commit-story is a link to $binary" ;; esac
    }

    # The path of a file when every link on the way is followed. readlink -f and realpath are not everywhere.
    resolved() {
        file=$1
        hops=0
        while [ -L "$file" ] && [ "$hops" -lt 40 ]; do
            link=$(readlink "$file")
            case $link in /*) file=$link ;; *) file=${file%/*}/$link ;; esac
            hops=$((hops + 1))
        done
        cd -P -- "${file%/*}/" 2>/dev/null && printf '%s/%s\n' "$(pwd -P)" "${file##*/}"
    }

    # Makes a directory and remembers which ones were new, the deepest first.
    make_directory() {
        new='' up=$1
        until [ -e "$up" ]; do
            new="$new$up$NEWLINE"
            up=${up%/*}
            up=${up:-/}
        done
        { [ -d "$up" ] && [ -w "$up" ]; } || wrong_place "cannot write to $up"
        is_on "$dry_run" && return
        mkdir -p "$1" || wrong_place "cannot make $1"
        made=$new$made
    }

    remember_made() { [ -z "$made" ] || printf '%s\n' "${made%"$NEWLINE"}" >"$state/directories"; }

    # Those that are empty go again.
    remove_made() {
        printf '%s\n' "$made" | while IFS= read -r new; do rmdir "$new" 2>/dev/null || :; done
    }

    # What is there already, and whether it is ours to replace.
    look_at_present() {
        present=''
        [ -e "$binary" ] || return 0
        [ -f "$binary" ] || wrong_place "$binary is not a file"
        [ -e "$receipt" ] || is_on "$yes" || is_on "$unmanaged" ||
            die "$binary was not installed by this script: remove it as it came, or say --yes to replace it"
        present=$("$binary" --version </dev/null 2>/dev/null) || present=''
        present=${present#commit-story }
        is_version "$present" || present=''
    }

    # A directory of this run beside the program, so that putting it in place is one rename. Beside it, because /tmp may be
    # another file system, or one that runs no programs.
    open_stage() {
        make_directory "$state"
        if is_on "$dry_run"; then
            stage=$(mktemp -d)
            return
        fi
        # A run that was killed may have made some, too.
        made=$made$(cat "$state/directories" 2>/dev/null || :)
        remember_made
        own=$state/stage-$$
        # Who had our number before us is gone.
        rm -rf "$own"
        if lock; then
            # What a killed run had started may still write there: then the next run clears up.
            for old in "$state"/stage-*; do rm -rf "$old" || :; done
            make_stage
        else
            make_stage
            stand_alone
        fi
        stage=$own
        printf '#!/bin/sh\n' >"$stage/try"
        chmod 755 "$stage/try"
        "$stage/try" 2>/dev/null || wrong_place "no program may run in $place (mounted noexec?)"
    }

    make_stage() { mkdir "$own" || wrong_place "cannot write to $state"; }

    busy() { die "another installation or update is at work in $place"; }

    # The lock that `commit-story update` holds, too: the kernel gives it up when we end, however that is. It fails where
    # nothing here can take it. A Mac has no flock, but perl.
    lock() {
        exec 9>"$state/lock"
        held=0
        if has flock; then
            flock -n 9 9>&9 || held=$?
        elif has perl; then
            perl -e 'use Errno; open(my $file, ">&=", 9) || exit 2; exit(flock($file, 6) ? 0 : $!{EWOULDBLOCK} ? 1 : 2)' 9>&9 ||
                held=$?
        else
            held=2
        fi
        [ "$held" -ne 1 ] || busy
        return "$held"
    }

    # Without that lock a stage is one: of two that begin at once each sees the other's. What bears the number of a process
    # that is gone goes, and so does what is an hour old: then the number is another process's by now.
    stand_alone() {
        for old in "$state"/stage-*; do
            case ${old##*-} in "$$" | *[!0-9]*) continue ;; esac
            if kill -0 "${old##*-}" 2>/dev/null && [ -z "$(find "$old" -prune -mmin +60 2>/dev/null)" ]; then
                rm -rf "$own"
                busy
            fi
            rm -rf "$old" || :
        done
    }

    # -- What fits this machine --------------------------------------------------------------------------------------

    find_target() {
        target=${COMMIT_STORY_TARGET:-}
        if [ -n "$target" ]; then
            for known in $TARGETS; do [ "$known" != "$target" ] || return 0; done
            die "there is no build for $target: COMMIT_STORY_TARGET can be $(printf '%s' "$TARGETS" | tr '\n' ' ')"
        fi
        system=$(uname -s)
        machine=$(uname -m)
        # A shell that an ARM Mac runs as if it were an Intel one.
        if [ "$system" = Darwin ] && [ "$(sysctl -n sysctl.proc_translated 2>/dev/null)" = 1 ]; then machine=arm64; fi
        case $machine in
            x86_64 | amd64) machine=x86_64 ;;
            aarch64 | arm64) machine=aarch64 ;;
            *) die "there is no build for $machine ($system): cargo install --git $REPOSITORY" ;;
        esac
        case $system in
            Linux) target=$machine-unknown-linux-$(libc) ;;
            Darwin) target=$machine-apple-darwin ;;
            MINGW* | MSYS* | CYGWIN* | Windows_NT)
                script=$REPOSITORY/releases/latest/download/install.ps1
                die "Windows has a script of its own: powershell -c \"irm $script | iex\""
                ;;
            *) die "there is no build for $system: cargo install --git $REPOSITORY" ;;
        esac
    }

    # gnu for glibc from 2.17 on; musl, which is static and runs everywhere, for what is older, other or unknown, and for a
    # 32-bit system on a 64-bit kernel.
    libc() {
        glibc=$(getconf GNU_LIBC_VERSION 2>/dev/null) || glibc=''
        minor=${glibc#glibc 2.}
        case $minor in "$glibc" | '' | *[!0-9.]*) minor=0 ;; esac
        if [ "${minor%%.*}" -ge 17 ] && [ "$(getconf LONG_BIT 2>/dev/null)" != 32 ]; then echo gnu; else echo musl; fi
    }

    # -- What is fetched, and checked --------------------------------------------------------------------------------

    check_base() {
        base=${COMMIT_STORY_BASE_URL:-$REPOSITORY/releases}
        base=${base%/}
        # It is going to stand in a file of curl's, where a quotation mark would begin an option.
        case $base in *[!][A-Za-z0-9:/@._~%+=,-]*) die "COMMIT_STORY_BASE_URL has characters that no address has" ;; esac
        host=${base#*://}
        host=${host%%/*}
        case $base in
            https://*) protocols='=https' ;;
            http://*)
                protocols='=http,https'
                case ${host##*@} in
                    127.0.0.1 | 127.0.0.1:* | localhost | localhost:* | '[::1]' | '[::1]:'*) ;;
                    *) die "$(masked "$base") is not https" ;;
                esac
                ;;
            *) die "$(masked "$base") is not https" ;;
        esac
    }

    find_programs() {
        has tar || die "please install tar"
        applet=''
        case $(command -v curl) in /snap/*) snap=1 ;; *) snap='' ;; esac
        case $(wget --version 2>/dev/null) in *'GNU Wget'*) gnu=1 ;; *) gnu='' ;; esac
        if has curl && [ -z "$snap" ]; then
            downloader=curl
        elif [ -n "$gnu" ]; then
            downloader=wget
        elif has wget || has busybox; then
            downloader=busybox
            has wget || applet=busybox
            case $host in *@*) die "please install curl: busybox shows the password in $(masked "$base") to everybody here" ;; esac
        elif [ -n "$snap" ]; then
            die "please install curl without snap, or wget: a snap cannot write to $state"
        else
            die "please install curl or wget"
        fi
        is_on "$unverified" && return
        [ -n "$(printf '' | digest)" ] ||
            die "please install sha256sum, shasum or openssl: without one nothing can be verified (COMMIT_STORY_SKIP_CHECKSUM)"
        find_verifier
    }

    find_verifier() {
        # Before OpenSSH 8.1 there is no -Y.
        help=$(ssh-keygen -Y verify 2>&1 </dev/null) || :
        case $help in *'unknown option'* | *'illegal option'*) ssh='' ;; *) ssh='ssh-keygen' ;; esac
        case $(openssl version 2>/dev/null) in 'OpenSSL '[3-9].* | 'OpenSSL '[1-9][0-9].*) modern=1 ;; *) modern='' ;; esac
        if [ -n "$ssh" ] && has ssh-keygen; then
            verifier='ssh-keygen'
        elif has minisign; then
            verifier=minisign
        elif [ -n "$modern" ]; then
            verifier=openssl
        elif is_on "$strict"; then
            die "please install ssh-keygen, minisign or OpenSSL 3: nothing here can check the signature"
        elif [ "$downloader" = busybox ] && [ "$protocols" = '=https' ] && ! knows_hashes; then
            die "please install curl, or ssh-keygen: busybox does not check whose server it talks to"
        fi
    }

    # Fetches address $1 into file $2; where it fails, $reason says why. The address is not among the arguments, which every
    # user of the machine can read, for there may be a password in it. No token is ever sent: nothing here asks the API.
    # 9 is the lock: a download that outlives us does not hold it.
    fetch() {
        case $downloader in
            curl)
                reason=$(
                    exec 9>&- 2>&1
                    printf 'url = "%s"\n' "$1" | curl --config - --globoff --silent --show-error --fail --location \
                        --proto "$protocols" --proto-redir "$protocols" --tlsv1.2 --max-redirs 10 --max-filesize 268435456 \
                        --connect-timeout 20 --speed-limit 1 --speed-time 30 --retry 3 --retry-delay 1 --output "$2"
                )
                ;;
            wget)
                reason=$(
                    exec 9>&- 2>&1
                    printf '%s\n' "$1" | wget --input-file=- --no-verbose --server-response --secure-protocol=TLSv1_2 \
                        --max-redirect=10 --timeout=30 --tries=3 --waitretry=1 --output-document="$2"
                ) || {
                    reason=${reason##*"$NEWLINE"}
                    return 1
                }
                # It follows a redirect to wherever that leads, and tells afterwards.
                case $protocols$reason in
                    '=https'*[Ll]ocation:\ [Hh][Tt][Tt][Pp]:*)
                        reason='it was moved to an address that is not https'
                        return 1
                        ;;
                esac
                ;;
            *)
                # Without -T, at which Debian's of 2022 crashes.
                # shellcheck disable=SC2086 # no word at all where wget itself is busybox's
                reason=$(exec 9>&- 2>&1 && $applet wget -q -O "$2" "$1")
                ;;
        esac
    }

    # The SHA-256 of the standard input; nothing where nothing here can compute it.
    digest() {
        if has sha256sum; then
            sha256sum
        elif has shasum; then
            shasum -a 256
        elif has openssl; then
            openssl dgst -sha256 -r
        elif has sha256; then
            sha256 -q
        elif has busybox; then
            busybox sha256sum
        fi | cut -d ' ' -f 1
    }

    # Whether the hashes of the version to install stand in this script.
    knows_hashes() { [ -n "$HASHES" ] && [ "$wanted" = "$VERSION" ]; }

    # The hash of file $1 in the lines $2.
    hash_in() {
        printf '%s\n' "$2" | while read -r hash name; do
            [ "$name" != "$1" ] || printf '%s\n' "$hash"
        done | head -n 1
    }

    # Which version it is going to be, and the hashes of that release, signed. A release's own list names its version, so
    # that "the newest" needs no API, no token, and no luck with its limits.
    find_version() {
        version=$wanted
        [ -z "$version" ] || [ "$version" != "$present" ] || return 0
        from=$base/latest/download
        [ -z "$version" ] || from=$base/download/v$version
        # The hashes in this script are as good as the script; the release's list is asked for its signature.
        if [ -n "$verifier" ] || ! knows_hashes; then
            fetch "$from/SHA256SUMS" "$stage/SHA256SUMS" || die "cannot download $(masked "$from")/SHA256SUMS: $reason"
            [ -z "$verifier" ] || verify_sums
            sums=$(cat "$stage/SHA256SUMS")
        fi
        if [ -z "$version" ]; then
            version=$(printf '%s\n' "$sums" | sed -n "s/^[0-9a-f]*  commit-story-\(.*\)-$target\.tar\.gz\$/\1/p" | head -n 1)
            is_version "$version" || die "the newest release has no build for $target"
        fi
        [ -n "$explicit" ] || [ -z "$present" ] || ! is_older "$version" "$present" ||
            die "$present is installed, which is newer: --version $version puts the older one in its place"
    }

    # Whoever can change the release's files can change its hashes, too, but cannot sign them.
    verify_sums() {
        list=$stage/SHA256SUMS
        signature=$list.minisig
        [ "$verifier" != ssh-keygen ] || signature=$list.sshsig
        fetch "$from/${signature##*/}" "$signature" || die "cannot download $(masked "$from")/${signature##*/}: $reason"
        if [ "$verifier" = ssh-keygen ]; then
            printf '%s\n' "$SIGNERS" >"$stage/signers"
            ssh-keygen -Y verify -f "$stage/signers" -I release@commit-story -n commit-story-release -s "$signature" \
                <"$list" >/dev/null 2>&1 && return
        else
            for key in $KEYS; do "signed_for_$verifier" "$key" && return; done
        fi
        refuse "the signature of $(masked "$from")/SHA256SUMS is not by a key of commit-story's"
    }

    signed_for_minisign() { minisign -V -q -P "$1" -m "$list" -x "$signature" >/dev/null 2>&1; }

    # What minisign keeps in base64, is at its end an ed25519 key, or a signature by one: for OpenSSL only the key's frame
    # is missing, which is the same for all of them.
    signed_for_openssl() {
        {
            echo '-----BEGIN PUBLIC KEY-----'
            printf 'MCowBQYDK2VwAyEA%s\n' "$(printf '%s\n' "$1" | openssl base64 -d -A | tail -c 32 | openssl base64 -A)"
            echo '-----END PUBLIC KEY-----'
        } >"$stage/key.pem"
        sed -n 2p "$signature" | openssl base64 -d -A | tail -c 64 >"$stage/signature"
        openssl pkeyutl -verify -rawin -pubin -inkey "$stage/key.pem" -sigfile "$stage/signature" -in "$list" >/dev/null 2>&1
    }

    # The program, verified and seen to run, in the stage.
    get_program() {
        unpack
        answers && return
        # getconf and uname can be wrong about a machine; the program cannot.
        if [ -z "${COMMIT_STORY_TARGET:-}" ] && [ "$target" != "${target%-gnu}" ]; then
            warn "the build for $target does not run here ($reason); trying the static one"
            target=${target%gnu}musl
            unpack
            answers && return
        fi
        die "the build for $target does not run here: $reason"
    }

    unpack() {
        archive=commit-story-$version-$target.tar.gz
        expected=$(hash_in "$archive" "$HASHES")
        listed=$(hash_in "$archive" "$sums")
        [ -n "$sums" ] || listed=$expected
        expected=${expected:-$listed}
        [ "$expected" = "$listed" ] || refuse "this script and SHA256SUMS differ about $archive"
        is_on "$unverified" || [ -n "$expected" ] || die "commit-story $version has no build for $target"
        say "downloading $archive from $(masked "$base")"
        fetch "$base/download/v$version/$archive" "$stage/archive" || die "cannot download it: $reason"
        if ! is_on "$unverified"; then
            found=$(digest <"$stage/archive")
            [ "$found" = "$expected" ] || refuse "$archive is not what was released (its SHA-256 is $found, not $expected)"
        fi
        # To the standard output: then no owner, mode, link or path in the archive means anything.
        tar -xzOf "$stage/archive" commit-story >"$stage/commit-story" 2>"$stage/why" ||
            die "cannot unpack $archive: $(cat "$stage/why")"
        chmod 755 "$stage/commit-story"
    }

    # Whether the program in the stage runs, and is the version that it is to be: an old one under a new name is not.
    answers() {
        if ! reported=$("$stage/commit-story" --version 2>"$stage/why" </dev/null 9>&-); then
            reason=$(head -n 1 "$stage/why")
            return 1
        fi
        [ "$reported" = "commit-story $version" ] || die "$archive holds another program, which says: $reported"
    }

    # -- What is written ---------------------------------------------------------------------------------------------

    # The record comes first: whatever ends us between two steps, the next run knows whose the program is.
    put_in_place() {
        keep_present
        is_on "$unmanaged" || write_receipt
        sync "$stage/commit-story" 2>/dev/null || :
        # A new file under the old name: a program that runs keeps its own.
        mv -f "$stage/commit-story" "$binary"
        done=1
    }

    # For `commit-story update --rollback`; the last three stay.
    keep_present() {
        if [ -z "$present" ] || is_on "$unmanaged"; then return; fi
        kept=$state/versions/$present
        mkdir -p "$kept"
        ln -f "$binary" "$kept/commit-story" 2>/dev/null || {
            cp -p "$binary" "$stage/kept"
            mv -f "$stage/kept" "$kept/commit-story"
        }
        # shellcheck disable=SC2012 # names of versions
        ls -1t "$state/versions" | tail -n +4 | while read -r old; do rm -rf "$state/versions/$old"; done
        is_on "$unverified" || remember_kept "$(digest <"$kept/commit-story")"
    }

    # `update` returns only to a program that is still the one that was kept; its list of them is in a file of JSON.
    remember_kept() {
        entry="{\"version\": \"$present\", \"sha256\": \"$1\"}"
        [ -e "$state/state.json" ] || echo '{"schema": 1, "kept": []}' >"$state/state.json"
        tr -d '\n' <"$state/state.json" |
            sed "s/\"kept\": *\[\([^]]*[^] ]\) *\]/\"kept\": [\1, $entry]/; t
                s/\"kept\": *\[ *\]/\"kept\": [$entry]/" >"$stage/state.json"
        mv -f "$stage/state.json" "$state/state.json"
    }

    json() { printf '%s' "$1" | sed 's/\\/\\\\/g; s/"/\\"/g'; }

    write_receipt() {
        find_start_file
        files=$(receipt_files)
        is_on "$modify_path" || start_file=''
        case "$NEWLINE$files$NEWLINE" in
            *"$NEWLINE$start_file$NEWLINE"*) ;;
            *) files="${files:+$files$NEWLINE}$start_file" ;;
        esac
        mirror=null
        # The address of a mirror stays, for updates; the password in it does not.
        [ -z "${COMMIT_STORY_BASE_URL:-}" ] || mirror=\"$(printf '%s' "$base" | sed 's|//[^/]*@|//|')\"
        {
            printf '{\n  "schema": 1,\n  "source": "install.sh",\n  "version": "%s",\n  "target": "%s",\n' "$version" "$target"
            printf '  "binary": "%s",\n  "modified_path": [' "$(json "$binary")"
            json "$files" | awk '{ printf "%s\"%s\"", (NR > 1 ? ", " : ""), $0 }'
            printf '],\n  "base_url": %s\n}\n' "$mirror"
        } >"$stage/receipt.json"
        mv -f "$stage/receipt.json" "$receipt"
    }

    # The start-up files in which a block of ours may be, one per line.
    receipt_files() {
        [ -e "$receipt" ] || return 0
        tr -d '\n' <"$receipt" | sed -n 's/.*"modified_path": *\[ *"\(.*\)" *\].*/\1/p' |
            awk '{ gsub(/" *, *"/, "\n"); gsub(/\\"/, "\""); gsub(/\\\\/, "\\"); print }'
    }

    # -- PATH --------------------------------------------------------------------------------------------------------

    # $line is what puts the directory on PATH in the user's shell, $start_file where it belongs for good.
    find_start_file() {
        quoted=\'$(printf '%s' "$directory" | sed "s/'/'\\\\''/g")\'
        line="export PATH=$quoted:\"\$PATH\""
        start_file=''
        shell=${SHELL:-sh}
        [ -z "${HOME:-}" ] || case ${shell##*/} in
            bash) start_file=$HOME/.bashrc ;;
            zsh) start_file=${ZDOTDIR:-$HOME}/.zshrc ;;
            fish)
                start_file=${XDG_CONFIG_HOME:-$HOME/.config}/fish/conf.d/commit-story.fish
                line="fish_add_path --global $quoted"
                ;;
            sh | ash | dash | ksh* | mksh) start_file=$HOME/.profile ;;
        esac
        # On macOS a terminal's bash is a login shell, which does not read .bashrc.
        if [ "${shell##*/}" = bash ] && [ "$(uname -s)" = Darwin ]; then start_file=$HOME/.bash_profile; fi
    }

    # One block between marks, which say what has to be undone with it.
    modify_start_file() {
        if [ -z "$start_file" ]; then
            warn "cannot tell where ${SHELL:-your shell} is told its PATH: please add $directory to it yourself"
            return
        fi
        block=$line
        [ "${line#export}" = "$line" ] || block="case \":\$PATH:\" in *:$quoted:*) ;; *) $line ;; esac"
        if grep -qxF "$block" "$start_file" 2>/dev/null; then return; fi
        remove_block "$start_file"
        opening=$BEGIN
        if [ ! -e "$start_file" ]; then
            make_directory "${start_file%/*}"
            remember_made
            opening="$BEGIN (a file that was not there)"
        elif [ -n "$(tail -c 1 "$start_file")" ]; then
            opening="$NEWLINE$BEGIN (below a line without end)"
        fi
        printf '%s\n' "$opening" '# install.sh --uninstall takes these lines out again.' "$block" "$END" >>"$start_file"
        say "$directory is put on PATH by $start_file, for shells from now on"
    }

    # Takes our block out of file $1, to the byte, by a rename.
    remove_block() {
        opening=$(grep -nF "$BEGIN" "$1" 2>/dev/null | head -n 1)
        ending=$(grep -nxF "$END" "$1" 2>/dev/null | head -n 1)
        if [ -z "$opening" ] || [ -z "$ending" ]; then return 0; fi
        sed "${opening%%:*},\$d" "$1" >"$stage/before"
        tail -n "+$((${ending%%:*} + 1))" "$1" >"$stage/after"
        if [ ! -s "$stage/after" ]; then
            case $opening in
                *'without end)') printf '%s' "$(cat "$stage/before")" >"$stage/whole" && mv "$stage/whole" "$stage/before" ;;
                *'not there)') [ -s "$stage/before" ] || { rm -f "$1" && return; } ;;
            esac
        fi
        file=$(resolved "$1")
        # The copy brings owner and mode along.
        cp -p "$file" "$file.commit-story"
        cat "$stage/before" "$stage/after" >"$file.commit-story"
        mv -f "$file.commit-story" "$file"
    }

    # -- The end -----------------------------------------------------------------------------------------------------

    finish() {
        find_start_file
        is_on "$modify_path" && modify_start_file
        if [ -n "$done" ]; then
            checked="SHA-256, and the signature by $verifier"
            [ -n "$verifier" ] || checked="SHA-256 only: nothing here can check the signature (ssh-keygen, minisign or OpenSSL 3 can)"
            ! is_on "$unverified" || checked="nothing"
            say "commit-story $version is in $binary${present:+, in place of $present}"
            say "checked: $checked"
        fi
        if [ -n "${GITHUB_PATH:-}" ] && ! grep -qxF "$directory" "$GITHUB_PATH" 2>/dev/null; then
            printf '%s\n' "$directory" >>"$GITHUB_PATH"
        fi
        first=$(command -v commit-story) || first=''
        case ":$PATH:" in
            *:"$directory":* | *:"$place":*)
                [ "$(resolved "$first")" = "$binary" ] || warn "$first comes before it on PATH, and is what runs"
                ;;
            *)
                [ -z "$first" ] || warn "on PATH is $first, which is another one"
                is_on "$modify_path" || say "not on PATH yet; this line puts it there, and --modify-path does so for good:"
                say "  $line"
                ;;
        esac
        say "next, in a repository of yours: commit-story init"
    }

    uninstall() {
        [ -e "$receipt" ] || die "nothing in $directory was installed by this script: say where it is with --to DIR"
        files=$(receipt_files)
        say "removing $binary and $state${files:+, and our lines in $(printf '%s' "$files" | tr '\n' ' ')}"
        say "Journals stay, and so do the hooks of repositories, which do nothing without the program. To take those out as"
        say "well, run \`commit-story uninstall\` in each (\`--global\` for all at once, \`commit-story mcp uninstall\`) first."
        is_on "$dry_run" && return
        open_stage
        printf '%s\n' "$files" | while IFS= read -r file; do remove_block "$file"; done
        rm -f "$binary"
        rm -rf "$state"
    }

    main "$@"
    exit $?
}
