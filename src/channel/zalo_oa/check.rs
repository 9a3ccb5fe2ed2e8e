//! Whose tokens these are, and what is missing, asked for before anything depends on it.

use chrono::Utc;
use serde_json::Value;

use super::ZaloOa;
use super::place::Place;
use super::refusal::verdict;
use crate::channel::Checked;
use crate::phrases;
use crate::subscription::Address;

impl ZaloOa {
    /// What holds of the account, of its tokens, and of each address.
    pub(super) async fn look(&self, of: &[Address]) -> Vec<Checked> {
        let about = |holds: Option<bool>, told: String| Checked { of: None, holds, told };
        let oa = match self.api.get("v2.0/oa/getoa", &[]).await {
            Ok(oa) => oa,
            Err(fault) => return vec![about(Some(false), verdict(fault, Utc::now()).cause())],
        };
        let mut all = vec![about(Some(true), known(&oa))];
        let id = text_of(oa.get("oa_id"));
        if !id.is_empty() && id != self.oa_id {
            all.push(about(Some(false), phrases::zalo_oa_other(&id, &self.oa_id)));
        }
        all.extend(self.api.tokens.warning(Utc::now()).await.map(|told| about(Some(false), told)));
        all.extend(of.iter().map(|to| self.address(to)));
        all
    }

    fn address(&self, to: &Address) -> Checked {
        let (holds, told) = match Place::parse(to.chat()) {
            Ok(Place::Article | Place::Broadcast) if self.cover.is_none() => (None, phrases::zalo_no_cover()),
            Ok(_) => (None, phrases::check_only_sending_tells()),
            Err(told) => (Some(false), told),
        };
        Checked { of: Some(to.clone()), holds, told }
    }
}

fn known(oa: &Value) -> String {
    let told = |key: &str| text_of(oa.get(key));
    let verified = oa.get("is_verified").and_then(Value::as_bool).unwrap_or_default();
    phrases::zalo_oa_known(&told("name"), &told("package_name"), verified, &told("num_follower"))
}

fn text_of(value: Option<&Value>) -> String {
    let text = value.and_then(|v| v.as_str().map(str::to_owned).or_else(|| v.as_u64().map(|n| n.to_string())));
    text.unwrap_or_default()
}
