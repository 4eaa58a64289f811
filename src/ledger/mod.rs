//! The append-only record: what each session wrote, folded into one trunk.

pub mod record;
pub mod state;
