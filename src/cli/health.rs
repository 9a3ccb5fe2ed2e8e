//! `loaphuong health`: asks the running daemon, for containers and monitors.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use super::{Context, Exit};
use crate::phrases;

pub(super) async fn health(context: &Context) -> Exit {
    let config = match context.load() {
        Ok(config) => config,
        Err(exit) => return exit,
    };
    match ask(reachable(config.listen)).await {
        Ok(true) => {
            context.redactor.say(&phrases::health_good());
            Exit::Well
        }
        Ok(false) => context.failed(&anyhow::anyhow!(phrases::health_bad())),
        Err(error) => context.failed(&error.context(phrases::health_unreachable(config.listen))),
    }
}

async fn ask(address: SocketAddr) -> anyhow::Result<bool> {
    let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(5)).build()?;
    Ok(client.get(format!("http://{address}/readyz")).send().await?.status().is_success())
}

/// Where one asks a server that listens everywhere.
fn reachable(listen: SocketAddr) -> SocketAddr {
    if listen.ip().is_unspecified() { SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), listen.port()) } else { listen }
}
