//! When something can be done for an address. It is reckoned anew whenever what is owed to it, its
//! rest or its lease changes, so that finding who is next never looks at all that is owed.

use anyhow::{Context, Result};
use sqlx::{Any, Transaction};

use super::Engine;

/// The time of the next step: the end of a lease, else of the rest, of the doubt, or of the first
/// delivery. `$1` lists the addresses.
macro_rules! reckon {
    ($which:literal) => {
        concat!(
            "UPDATE addresses SET rank = COALESCE((SELECT MIN(d.rank) FROM deliveries d WHERE d.address = addresses.address AND d.state = 'due'), 1), \
             at = CASE WHEN leased_until > 0 THEN leased_until \
             WHEN EXISTS (SELECT 1 FROM deliveries d WHERE d.address = addresses.address AND d.state = 'doubt') THEN \
               (SELECT CASE WHEN MIN(d.due) > addresses.ready THEN MIN(d.due) ELSE addresses.ready END \
                FROM deliveries d WHERE d.address = addresses.address AND d.state = 'doubt') \
             ELSE (SELECT CASE WHEN MIN(d.due) > addresses.ready THEN MIN(d.due) WHEN MIN(d.due) IS NOT NULL THEN addresses.ready END \
                FROM deliveries d WHERE d.address = addresses.address AND d.state = 'due') END WHERE ",
            $which
        )
    };
}

/// Whose turn is to be reckoned.
pub(super) enum Whose<'a> {
    /// That of these addresses.
    These(Engine, &'a [String]),
    /// That of one address.
    One(&'a str),
}

const SQLITE: &str = reckon!("address IN (SELECT value FROM json_each($1))");
const POSTGRES: &str = reckon!("address = ANY (ARRAY(SELECT json_array_elements_text($1::json)))");
const ONE: &str = reckon!("address = $1");

/// Reckons.
pub(super) async fn reckon(tx: &mut Transaction<'static, Any>, whose: Whose<'_>) -> Result<()> {
    let done = match whose {
        Whose::These(_, []) => return Ok(()),
        Whose::These(Engine::Sqlite, these) => sqlx::query(SQLITE).bind(serde_json::to_string(these)?),
        Whose::These(Engine::Postgres, these) => sqlx::query(POSTGRES).bind(serde_json::to_string(these)?),
        Whose::One(address) => sqlx::query(ONE).bind(address.to_owned()),
    };
    done.execute(&mut **tx).await.context("store: turns")?;
    Ok(())
}
