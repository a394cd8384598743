//! Asking a running service how it is, from a container that has no HTTP client.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::address;
use super::args::HealthArgs;
use super::exit::Failure;
use super::out::{Out, Terminal, inline};

/// All that is read of an answer: its first line is wanted.
const ANSWER_BYTES_MAX: u64 = 4 * 1024;

/// Asks; anything but a 200 in time is a failure.
pub(crate) async fn health(args: &HealthArgs) -> Result<(), Failure> {
    let address = address::reachable(address::wanted(&args.listen)?);
    let path = if args.live { "/healthz" } else { "/readyz" };
    let within = Duration::from_secs(u64::from(args.timeout_s));
    let asked = tokio::time::timeout(within, ask(address, path)).await;
    match asked {
        Ok(Ok(status)) if status == "200" => {
            Terminal.line(&format!("{path} at {address} answers 200."));
            Ok(())
        }
        Ok(Ok(status)) => Err(Failure::refused(format!("{path} at {address} answers {}", inline(&status)))),
        Ok(Err(error)) => Err(Failure::refused(format!("{path} at {address}: {error}"))),
        Err(_) => Err(Failure::refused(format!("{path} at {address}: no answer in {} s", args.timeout_s))),
    }
}

/// The status of the answer to a GET.
async fn ask(address: SocketAddr, path: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    let request = format!("GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.take(ANSWER_BYTES_MAX).read_to_end(&mut answer).await?;
    let answer = String::from_utf8_lossy(&answer);
    let status = answer.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3));
    status.map(str::to_owned).ok_or_else(|| std::io::Error::other("that is no HTTP service"))
}
