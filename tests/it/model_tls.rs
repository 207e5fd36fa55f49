//! A certificate is judged by the system: an authority that is trusted there, such as a company's own, is trusted here.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::process::Command;
use std::sync::Arc;

use commit_story::env::Env;
use commit_story::llm::{self, Provider, Request};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// A server that answers one request over TLS, with the certificate below; its address.
fn serve() -> String {
    let certificate = CertificateDer::from_pem_slice(SERVER.as_bytes()).unwrap();
    let key = PrivateKeyDer::from_pem_slice(KEY.as_bytes()).unwrap();
    let ring = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(ring).with_safe_default_protocol_versions().unwrap();
    let config = Arc::new(config.with_no_client_auth().with_single_cert(vec![certificate], key).unwrap());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let (socket, _) = listener.accept().unwrap();
        let stream = StreamOwned::new(ServerConnection::new(config).unwrap(), socket);
        // A client that does not trust us goes away in the middle.
        let _ = answer(BufReader::new(stream));
    });
    format!("https://{address}/v1")
}

fn answer<S: Read + Write>(mut stream: BufReader<S>) -> std::io::Result<()> {
    let (mut line, mut length) = (String::new(), 0);
    while stream.read_line(&mut line)? > 2 {
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        line.clear();
    }
    stream.read_exact(&mut vec![0; length])?;
    let body = r#"{"choices": [{"message": {"content": "Ready."}, "finish_reason": "stop"}]}"#;
    let head = format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n", body.len());
    stream.get_mut().write_all(format!("{head}{body}").as_bytes())?;
    stream.get_mut().flush()
}

/// Asks that server, with what this process's variables say of certificates.
fn ask() -> String {
    let mut config = crate::models::settings();
    (config.provider, config.base_url) = (Some("openai".to_owned()), Some(serve()));
    let provider = Provider::from(&config, &Env::take_from([], "/".into())).unwrap().unwrap();
    let request = Request { system: String::new(), user: "Ready?".to_owned(), temperature: 0.0, most_tokens: 10 };
    match llm::ask(&provider, &request) {
        Ok(reply) => reply.text,
        Err(failure) => format!("{failure:?}"),
    }
}

#[test]
fn a_certificate_is_trusted_where_the_system_trusts_its_authority() {
    const INNER: &str = "STORY_EXPECTED";
    if let Ok(expected) = std::env::var(INNER) {
        let said = ask();
        assert!(said.starts_with(&expected), "{said}");
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let store = dir.path().join("store.pem");
    let untrusted = "Passing { why: \"this system does not trust the certificate of openai at 127.0.0.1";
    for (trusted, expected) in [(AUTHORITY, "Ready."), (SERVER, untrusted)] {
        std::fs::write(&store, trusted).unwrap();
        let this = "model_tls::a_certificate_is_trusted_where_the_system_trusts_its_authority";
        let mut again = Command::new(std::env::current_exe().unwrap());
        again.args(["--exact", this]).env(INNER, expected).env("SSL_CERT_FILE", &store).env_remove("SSL_CERT_DIR");
        let output = again.output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && said.contains("1 passed"), "{said}");
    }
}

/// An authority that nobody trusts, made for this test, and valid for a hundred years.
const AUTHORITY: &str = "\
-----BEGIN CERTIFICATE-----\n\
MIIBfzCCASWgAwIBAgIBATAKBggqhkjOPQQDAjAmMSQwIgYDVQQDDBtjb21taXQt\n\
c3RvcnkgdGVzdCBhdXRob3JpdHkwIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEw\n\
MDAwMDBaMCYxJDAiBgNVBAMMG2NvbW1pdC1zdG9yeSB0ZXN0IGF1dGhvcml0eTBZ\n\
MBMGByqGSM49AgEGCCqGSM49AwEHA0IABMW//79Rz42WKp4ew1l/aphUqHd2enAA\n\
rkKqedCHZlhjHfGnFOnO1dKonhywZqJdIjwU1626nzuX0miN1gwvKE+jQjBAMA8G\n\
A1UdEwEB/wQFMAMBAf8wDgYDVR0PAQH/BAQDAgIEMB0GA1UdDgQWBBTg3Ge03p/i\n\
qHSIXYU/+0aR8BjB1jAKBggqhkjOPQQDAgNIADBFAiEA80N1MgGmW2sLcMBR5TN/\n\
l1yiGieHMFgzfYf6hklrW0YCIDRFyX6BBiFuLZcLv3ipYdSP95uYDa64NYzDp+UV\n\
xmxf\n\
-----END CERTIFICATE-----\n\
";

/// A server's certificate by that authority.
const SERVER: &str = "\
-----BEGIN CERTIFICATE-----\n\
MIIBuDCCAV6gAwIBAgIBAjAKBggqhkjOPQQDAjAmMSQwIgYDVQQDDBtjb21taXQt\n\
c3RvcnkgdGVzdCBhdXRob3JpdHkwIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEw\n\
MDAwMDBaMBQxEjAQBgNVBAMMCWxvY2FsaG9zdDBZMBMGByqGSM49AgEGCCqGSM49\n\
AwEHA0IABJInWVhmKhqRqqW6co+HQR3Iy7XgDGzyWI8H789BIR9zwvn9dgi9GDWq\n\
90cJ7YqZQKq67HXw6BT/4mN72FAvZ++jgYwwgYkwGgYDVR0RBBMwEYIJbG9jYWxo\n\
b3N0hwR/AAABMAkGA1UdEwQCMAAwCwYDVR0PBAQDAgeAMBMGA1UdJQQMMAoGCCsG\n\
AQUFBwMBMB8GA1UdIwQYMBaAFODcZ7Ten+KodIhdhT/7RpHwGMHWMB0GA1UdDgQW\n\
BBQ9NGUSGuR51Eb4O5I5YgTD/oXcWzAKBggqhkjOPQQDAgNIADBFAiEAv4pNh27h\n\
GaaucCgPRo/BHM5jHPNDtvzhKYf1G96DiRkCIDfTQj5QXC4iHi0B+P93yoY13RHy\n\
bF7B2b7GUR9ZLVZU\n\
-----END CERTIFICATE-----\n\
";

/// That server's key, which opens nothing else.
const KEY: &str = "\
-----BEGIN PRIVATE KEY-----\n\
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg7hA0DTN+nLPJG4Z9\n\
8Y/4zX09dOOy3+Ch0OkH1juQSYKhRANCAASSJ1lYZioakaqlunKPh0EdyMu14Axs\n\
8liPB+/PQSEfc8L5/XYIvRg1qvdHCe2KmUCquux18OgU/+Jje9hQL2fv\n\
-----END PRIVATE KEY-----\n\
";
