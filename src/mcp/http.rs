//! The protocol over HTTP.
//!
//! In: an address to listen at, and a server for each client. Out: answers, as the SDK's service gives them.
//! Never here: a request without an end. Connections, sessions, heads and bodies are bounded, in number, size and time.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Body, Bytes, Incoming};
use hyper::header::{CONTENT_TYPE, HOST, HeaderMap, HeaderValue, ORIGIN, WWW_AUTHENTICATE};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use rmcp::transport::streamable_http_server::session::SessionManager;
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::{StreamableHttpServerConfig, StreamableHttpService};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Mutex, Semaphore};
use tokio::time::{sleep, timeout};

use super::gate::Gate;
use super::lines::{LONGEST, message};
use super::server::Server;

/// Connections at once; more wait.
const CONNECTIONS: usize = 64;

/// Sessions at once.
const SESSIONS: usize = 64;

/// How long the head of a request may take, and its body.
const PATIENCE: Duration = Duration::from_secs(10);

/// A session is forgotten when nothing was heard of it for so long.
const IDLE: Duration = Duration::from_secs(30 * 60);

/// The most bytes of a head.
const HEAD: usize = 32 << 10;

/// The header that names a session.
const SESSION: &str = "mcp-session-id";

type Service = StreamableHttpService<Server, LocalSessionManager>;
type Answer = Response<BoxBody<Bytes, Infallible>>;

/// What all connections share.
struct House {
    gate: Gate,
    sessions: Arc<LocalSessionManager>,
    /// Sessions by when they were heard of, the longest ago first.
    used: Mutex<VecDeque<String>>,
    service: Service,
}

/// Serves until the process is ended. `ready` hears the address that is listened at.
///
/// # Errors
/// The address cannot be listened at.
pub async fn serve(
    address: SocketAddr,
    gate: Gate,
    server: impl Fn() -> std::io::Result<Server> + Send + Sync + 'static,
    ready: impl FnOnce(SocketAddr),
) -> Result<()> {
    let listener = TcpListener::bind(address).await.with_context(|| format!("cannot listen at {address}"))?;
    let address = listener.local_addr().context("cannot tell where is listened")?;
    let mut sessions = LocalSessionManager::default();
    sessions.session_config.keep_alive = Some(IDLE);
    let sessions = Arc::new(sessions);
    let service = Service::new(server, Arc::clone(&sessions), config(&gate, address.port()));
    let house = Arc::new(House { gate, sessions, used: Mutex::default(), service });
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    ready(address);
    loop {
        let permit = Arc::clone(&room).acquire_owned().await.context("nobody can be let in any more")?;
        let Ok((stream, _)) = listener.accept().await else {
            // There are too many open files, or the like: it may get better.
            sleep(Duration::from_millis(100)).await;
            continue;
        };
        let house = Arc::clone(&house);
        tokio::spawn(async move {
            let _permit = permit;
            house.attend(stream).await;
        });
    }
}

/// Which names clients may call us by, and which pages may call us.
fn config(gate: &Gate, port: u16) -> StreamableHttpServerConfig {
    let origins = ["localhost", "127.0.0.1", "[::1]"].map(|host| format!("http://{host}:{port}"));
    let config = StreamableHttpServerConfig::default()
        .with_max_request_body_bytes(LONGEST)
        .with_allowed_origins(origins)
        .enforce_origin_validation();
    // Which names a machine has for others, it does not know itself: there, the token has to do.
    if gate.remote { config.disable_allowed_hosts() } else { config }
}

impl House {
    async fn attend(&self, stream: TcpStream) {
        let answering = service_fn(|request| async { Ok::<_, Infallible>(self.answer(request).await) });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(PATIENCE)
            .max_buf_size(HEAD)
            .serve_connection(TokioIo::new(stream), answering);
        // A client that breaks off is no fault of ours.
        let _ = connection.await;
    }

    async fn answer(&self, request: Request<Incoming>) -> Answer {
        if !matches!(request.uri().path(), "/" | "/mcp") {
            return plain(StatusCode::NOT_FOUND, "the protocol is spoken at /mcp");
        }
        if !self.gate.admits(request.headers()) {
            let mut answer = plain(StatusCode::UNAUTHORIZED, "a token is needed: Authorization: Bearer TOKEN");
            answer.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            return answer;
        }
        if [HOST, ORIGIN].iter().any(|name| request.headers().get_all(name).iter().nth(1).is_some()) {
            return plain(StatusCode::BAD_REQUEST, "the request has two hosts or origins");
        }
        if request.body().size_hint().lower() > u64::try_from(LONGEST).unwrap_or(u64::MAX) {
            return plain(StatusCode::PAYLOAD_TOO_LARGE, "the request is too large");
        }
        if let Some(session) = named(request.headers()) {
            self.used(session).await;
        }
        let (head, body) = request.into_parts();
        // One more than is allowed, so that the service sees that it is too much.
        let body = match timeout(PATIENCE, Limited::new(body, LONGEST + 1).collect()).await {
            Ok(Ok(body)) => body.to_bytes(),
            Ok(Err(_)) => return plain(StatusCode::PAYLOAD_TOO_LARGE, "the request is too large, or broke off"),
            Err(_) => return plain(StatusCode::REQUEST_TIMEOUT, "the request took too long"),
        };
        if let Some(refused) = Some(&body).filter(|_| head.method == Method::POST).and_then(|body| message(body).err())
        {
            let text = serde_json::to_vec(&refused.answer()).unwrap_or_default();
            let mut answer = Response::new(Full::new(Bytes::from(text)).boxed());
            *answer.status_mut() = StatusCode::BAD_REQUEST;
            answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            return answer;
        }
        let answer = self.service.handle(Request::from_parts(head, Full::new(body))).await;
        if let Some(session) = named(answer.headers()) {
            self.used(session).await;
        }
        answer
    }

    /// Most clients never end a session: the one of which nothing was heard for the longest time makes room.
    async fn used(&self, session: String) {
        // One that is named and not there takes nobody's place.
        if !self.sessions.has_session(&session.as_str().into()).await.unwrap_or(false) {
            return;
        }
        let oldest = {
            let mut used = self.used.lock().await;
            used.retain(|other| *other != session);
            used.push_back(session);
            if used.len() > SESSIONS { used.pop_front() } else { None }
        };
        if let Some(oldest) = oldest {
            let _ = self.sessions.close_session(&oldest.into()).await;
        }
    }
}

/// The session that a head names.
fn named(headers: &HeaderMap) -> Option<String> {
    headers.get(SESSION)?.to_str().ok().filter(|session| session.len() < 100).map(str::to_owned)
}

fn plain(status: StatusCode, text: &'static str) -> Answer {
    let mut answer = Response::new(Full::new(Bytes::from_static(text.as_bytes())).boxed());
    *answer.status_mut() = status;
    answer
}
