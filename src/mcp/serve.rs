//! The server, run: the only runtime of this program.
//!
//! In: the surroundings, and how clients reach us. Out: when the client has gone, or when it cannot be begun.
//! Never here: a second thread that listens. What takes long is done on others, a few at a time.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use rmcp::ServiceExt;
use rmcp::service::ServerInitializeError;
use rmcp::transport::stdio_pipes;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::Semaphore;

use super::gate::Gate;
use super::lines::Lines;
use super::server::Server;
use super::session::{AT_ONCE, Session};
use crate::env::Env;

/// How long work that nobody waits for any more may go on when the client has gone.
const GRACE: Duration = Duration::from_secs(2);

/// Serves one client on standard input and output, until it closes them.
///
/// # Errors
/// The streams cannot be used.
pub fn stdio(env: Env, settings: Vec<(String, String)>) -> Result<()> {
    let runtime = runtime()?;
    let served = runtime.block_on(async {
        let (read, write) = stdio_pipes();
        let server = Server::new(Session::new(env, settings, true, Arc::new(Semaphore::new(AT_ONCE))));
        let running = match server.serve(Lines::new(read, write)).await {
            Ok(running) => running,
            // It has gone before it said who it is.
            Err(ServerInitializeError::ConnectionClosed(_)) => return Ok(()),
            Err(error) => return Err(error).context("cannot begin the conversation with the client"),
        };
        running.waiting().await.context("the conversation with the client broke")?;
        Ok(())
    });
    runtime.shutdown_timeout(GRACE);
    served
}

/// Serves clients over HTTP, until the process is ended. `ready` hears the address that is listened at.
///
/// # Errors
/// The address cannot be listened at.
pub fn http(
    env: Env,
    settings: Vec<(String, String)>,
    address: SocketAddr,
    gate: Gate,
    ready: impl FnOnce(SocketAddr),
) -> Result<()> {
    let busy = Arc::new(Semaphore::new(AT_ONCE));
    let server = move || Ok(Server::new(Session::new(env.clone(), settings.clone(), false, Arc::clone(&busy))));
    runtime()?.block_on(super::http::serve(address, gate, server, ready))
}

fn runtime() -> Result<Runtime> {
    Builder::new_current_thread().enable_all().build().context("cannot begin to serve")
}
