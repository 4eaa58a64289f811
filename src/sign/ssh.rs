//! Signatures by SSH keys. `ssh-keygen` makes them: agents, passphrases and the touch of hardware keys are its
//! job. They are checked here, touch included, which `ssh-keygen -Y verify` does not ask for.

use std::fmt;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use ssh_key::{Algorithm, HashAlg, PrivateKey, PublicKey, SshSig};

use crate::clock::Timestamp;
use crate::files;
use crate::said;
use crate::said::Said;

use super::signers::{Revoked, Signer, Signers};
use super::statement::Statement;

/// An armoured signature may be so long: 16 KiB, which no key needs.
const LONGEST: usize = 16 << 10;

/// RSA keys shorter than this are not trusted (ssh(1), `RequiredRSASize`, has 1,024; NIST SP 800-131A 2,048).
const RSA_BITS: usize = 2048;

/// A signature that is good.
#[derive(Clone, Debug)]
pub struct Signed {
    /// The key that made it.
    pub key: PublicKey,
    /// Its fingerprint: `SHA256:…`.
    pub fingerprint: String,
}

/// Why a signature does not count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It is no SSHSIG that could be checked.
    Unreadable(String),
    /// It is about something else, or was changed.
    Wrong,
    /// It was made in another namespace: for another role, or another act.
    Elsewhere(String),
    /// Nobody may sign this with that key.
    Stranger(String),
    /// The key belongs to somebody else than the statement says.
    Another(String),
    /// The key is not good at that time.
    Expired(String),
    /// The key was revoked.
    Revoked(String),
    /// Nobody touched the hardware key.
    Untouched,
    /// The key is too weak.
    Weak(String),
}

impl Fault {
    /// What is wrong: lower case, no full stop.
    pub fn said(&self) -> Said {
        match self {
            Self::Unreadable(why) => said!("the signature cannot be read: {}", why),
            Self::Wrong => said!("the signature is about something else"),
            Self::Elsewhere(namespace) => said!("the signature was made for `{}`", namespace),
            Self::Stranger(key) => said!("nobody may sign this with the key {}", key),
            Self::Another(key) => said!("the key {} is not that of the signer named", key),
            Self::Expired(key) => said!("the key {} is not valid at that time", key),
            Self::Revoked(key) => said!("the key {} was revoked", key),
            Self::Untouched => said!("nobody touched the hardware key"),
            Self::Weak(key) => said!("the key {} is too weak", key),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.said().fmt(f)
    }
}

/// Checks a signature over a statement: its bytes, its namespace, its key, and who may do this at `time` and at
/// the time that the signer claims.
///
/// # Errors
/// The first thing that is wrong with it.
pub fn verify(
    statement: &Statement,
    armoured: &str,
    signers: &Signers,
    revoked: &Revoked,
    time: Timestamp,
) -> Result<Signed, Fault> {
    let signed = check(statement, armoured)?;
    let name = || signed.fingerprint.clone();
    let lines: Vec<&Signer> = signers.of_key(&signed.key, &statement.role, statement.act).collect();
    if lines.is_empty() {
        return Err(Fault::Stranger(name()));
    }
    let mut theirs =
        lines.into_iter().filter(|signer| signer.principals.contains(&statement.signer)).peekable();
    if theirs.peek().is_none() {
        return Err(Fault::Another(name()));
    }
    if !theirs.any(|signer| signer.is_valid(time) && signer.is_valid(statement.at)) {
        return Err(Fault::Expired(name()));
    }
    if revoked.holds(&signed.key) {
        return Err(Fault::Revoked(name()));
    }
    Ok(signed)
}

/// Checks the signature itself.
fn check(statement: &Statement, armoured: &str) -> Result<Signed, Fault> {
    if armoured.len() > LONGEST {
        return Err(Fault::Unreadable("it is too long".to_owned()));
    }
    let unreadable = |error: ssh_key::Error| Fault::Unreadable(error.to_string());
    let signature = SshSig::from_pem(armoured).map_err(unreadable)?;
    let namespace = statement.namespace();
    if signature.namespace() != namespace {
        return Err(Fault::Elsewhere(signature.namespace().to_owned()));
    }
    let line = statement.line().map_err(|_| Fault::Wrong)?;
    let key = PublicKey::from(signature.public_key().clone());
    let fingerprint = key.fingerprint(HashAlg::Sha256).to_string();
    if let Some(rsa) = key.key_data().rsa()
        && bits(rsa.n.as_bytes()) < RSA_BITS
    {
        return Err(Fault::Weak(fingerprint));
    }
    key.verify(&namespace, &line, &signature).map_err(|_| Fault::Wrong)?;
    if is_hardware(&key.algorithm()) && !was_touched(&signature) {
        return Err(Fault::Untouched);
    }
    Ok(Signed { key, fingerprint })
}

fn bits(number: &[u8]) -> usize {
    let digits = number.iter().skip_while(|byte| **byte == 0);
    digits.count() * 8
}

fn is_hardware(algorithm: &Algorithm) -> bool {
    matches!(algorithm, Algorithm::SkEd25519 | Algorithm::SkEcdsaSha2NistP256)
}

/// The flags of a hardware key stand behind its signature, before a counter of four bytes (PROTOCOL.u2f).
fn was_touched(signature: &SshSig) -> bool {
    const USER_PRESENT: u8 = 1;
    let bytes = signature.signature_bytes();
    let flags = bytes.len().checked_sub(5).and_then(|at| bytes.get(at));
    flags.is_some_and(|flags| flags & USER_PRESENT != 0)
}

/// The public part of the key in a file: of a private key, however it is encrypted, or of a public one.
///
/// # Errors
/// When the file holds neither.
pub fn public_key(path: &Path) -> Result<PublicKey, String> {
    let bytes = files::read(path, LONGEST as u64).map_err(|error| error.to_string())?;
    let text = String::from_utf8(bytes).map_err(|_| "it is no SSH key".to_owned())?;
    let private = PrivateKey::from_openssh(&text).map(|key| key.public_key().clone());
    private
        .or_else(|_| PublicKey::from_openssh(&text))
        .map_err(|_| "it is no SSH key in OpenSSH's form".to_owned())
}

/// Has `ssh-keygen` sign a statement with a key: a private key, or a public one whose private part an agent
/// has. Gives the armoured signature. What `ssh-keygen` asks and says goes to the user's terminal.
///
/// # Errors
/// When it did not sign.
pub fn sign(statement: &Statement, key: &Path) -> Result<String, String> {
    let line = statement.line().map_err(|error| error.to_string())?;
    let mut command = Command::new("ssh-keygen");
    command.args(["-q", "-Y", "sign", "-n", &statement.namespace(), "-f"]).arg(key);
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child =
        command.spawn().map_err(|error| format!("cannot start `ssh-keygen`: {error}"))?;
    let written = child.stdin.take().map(|mut input| input.write_all(&line));
    let output = child.wait_with_output().map_err(|error| error.to_string())?;
    match (output.status.success(), written) {
        (true, Some(Ok(()))) => String::from_utf8(output.stdout).map_err(|error| error.to_string()),
        _ => Err("`ssh-keygen` did not sign".to_owned()),
    }
}

#[cfg(test)]
mod tests;
