//! `tcp`: whether somebody accepts connections.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::check::Fault;
use crate::check::field::told;
use crate::check::subject::{Output, Sort, Subjects};
use crate::check::template::Values;

use super::Parts;
use super::address::{Address, Addresses, Refusal};
use super::observe::{Context, Fields, Sink, Unseen};

pub(super) const SUBJECTS: Subjects = Subjects {
    example: "connected == true",
    output: Output::Json,
    fields: &[("connected", Sort::Truth)],
    families: &[],
};

/// Hosts with ports.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in super::super) struct Ask(Addresses);

/// Reads lines of `host:port`.
pub(super) fn read(parts: &Parts<'_>) -> Result<Ask, Fault> {
    Addresses::read(&parts.lines, None).map(Ask)
}

impl Ask {
    pub(super) fn filled(&self, values: &Values) -> Result<Self, String> {
        self.0.filled(values).map(Self)
    }

    pub(super) fn names<'a>(&'a self, names: &mut BTreeSet<&'a str>) {
        self.0.names(names);
    }

    pub(super) fn look(&self, context: &Context<'_>, sink: &Sink<'_>) -> Result<Fields, Unseen> {
        let hosts = self.0.look(|address| connection(address, context)).map_err(Unseen::new)?;
        let connected = hosts.iter().map(|host| told(host["connected"].clone(), said(host)));
        let connected = connected.collect();
        let fields = Fields::from_iter([("connected".to_owned(), Value::Array(connected))]);
        let unclear = hosts.iter().find(|host| host["connected"].is_null());
        let why = unclear.map(said);
        sink.show_fields(&Fields::from_iter([("hosts".to_owned(), Value::Array(hosts))]));
        match why {
            None => Ok(fields),
            Some(why) => Err(Unseen { why, fields }),
        }
    }
}

/// A host, and why there is no connection to it.
fn said(host: &Value) -> String {
    let parts = [host["address"].as_str(), host["why"].as_str()];
    parts.into_iter().flatten().collect::<Vec<_>>().join(": ")
}

/// What is seen of one of them. What cannot be told is `null`.
fn connection(address: &Address, context: &Context<'_>) -> Value {
    let result = address.connect(context);
    let seconds = context.begun.elapsed().as_micros() as f64 / 1e6;
    let written = address.written();
    match result {
        Ok(stream) => {
            let to = stream.peer_addr().map(|peer| peer.to_string()).unwrap_or_default();
            json!({ "address": written, "connected": true, "to": to, "seconds": seconds })
        }
        Err(Refusal::Silence(why)) => {
            json!({ "address": written, "connected": false, "why": why, "seconds": seconds })
        }
        Err(Refusal::Unclear(why)) => json!({ "address": written, "connected": null, "why": why }),
    }
}
