//! Statements that people sign, with the SSH keys they have: OpenSSH's SSHSIG
//! (PROTOCOL.sshsig), made by `ssh-keygen -Y sign` and checked here.

mod signers;
mod ssh;
mod statement;

pub use signers::{Refused, Revoked, Signer, Signers};
pub use ssh::{Fault, Signed, public_key, sign, verify};
pub use statement::{Act, Decision, Meaning, Pins, Statement, empty_root};
