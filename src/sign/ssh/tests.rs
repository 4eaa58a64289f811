//! Signatures by the real `ssh-keygen`, made and checked both ways, and everything that must not pass.

use std::path::PathBuf;

use ssh_key::private::Ed25519Keypair;
use ssh_key::public::{KeyData, SkEd25519};
use ssh_key::{LineEnding, Signature};
use tempfile::TempDir;

use super::super::Act;
use super::super::statement::tests::signoff;
use super::*;
use crate::digest::Digest;

const TYPES: &[&[&str]] = &[
    &["-t", "ed25519"],
    &["-t", "ecdsa", "-b", "256"],
    &["-t", "ecdsa", "-b", "384"],
    &["-t", "rsa", "-b", "2048"],
];

/// A folder with a key of a type, and who may sign with it.
struct Desk {
    folder: TempDir,
}

impl Desk {
    fn with(kind: &[&str]) -> Self {
        let desk = Self { folder: TempDir::new().expect("a folder") };
        desk.keygen(&[&["-q", "-N", "", "-C", "alice", "-f", "key"], kind].concat(), b"");
        desk
    }

    fn keygen(&self, arguments: &[&str], input: &[u8]) -> Vec<u8> {
        let mut child = Command::new("ssh-keygen")
            .args(arguments)
            .current_dir(self.folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("ssh-keygen is installed (apt-get install openssh-client)");
        child.stdin.take().expect("its input").write_all(input).expect("written");
        let output = child.wait_with_output().expect("an end");
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        output.stdout
    }

    fn key(&self) -> PathBuf {
        self.folder.path().join("key")
    }

    fn public(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("key.pub")).expect("a public key")
    }

    fn signers(&self, options: &str) -> Signers {
        let line = format!("alice@example.com {options} {}", self.public());
        Signers::read(line.as_bytes()).expect("signers")
    }

    fn judge(&self, statement: &Statement, signature: &str) -> Result<Signed, Fault> {
        verify(statement, signature, &self.signers(ROLE), &Revoked::default(), statement.at)
    }
}

const ROLE: &str = "namespaces=\"tech-lead.signoff@holdpoint\"";

#[test]
fn what_is_signed_verifies_here_and_with_ssh_keygen() {
    for kind in TYPES {
        let desk = Desk::with(kind);
        let statement = signoff();
        let signature = sign(&statement, &desk.key()).expect("a signature");
        let signed = desk.judge(&statement, &signature).expect("a good signature");
        assert_eq!(signed.key.key_data(), public_key(&desk.key()).expect("a key").key_data());
        let signers = format!("alice@example.com {ROLE} {}", desk.public());
        std::fs::write(desk.folder.path().join("signers"), signers).expect("written");
        std::fs::write(desk.folder.path().join("sig"), &signature).expect("written");
        let namespace = statement.namespace();
        let verify = ["-Y", "verify", "-f", "signers", "-I", "alice@example.com", "-n", &namespace];
        let line = statement.line().expect("a line");
        desk.keygen(&[&verify[..], &["-s", "sig"]].concat(), &line);
    }
}

#[test]
fn what_ssh_keygen_signs_verifies_here() {
    for hash in ["sha256", "sha512"] {
        let desk = Desk::with(TYPES[0]);
        let statement = signoff();
        let (namespace, hash) = (statement.namespace(), format!("hashalg={hash}"));
        let arguments = ["-Y", "sign", "-q", "-O", &hash, "-n", &namespace, "-f", "key"];
        let signature = desk.keygen(&arguments, &statement.line().expect("a line"));
        let signature = String::from_utf8(signature).expect("UTF-8");
        assert!(desk.judge(&statement, &signature).is_ok());
    }
}

#[test]
fn a_signature_stands_for_no_other_statement() {
    let desk = Desk::with(TYPES[0]);
    let good = signoff();
    let signature = sign(&good, &desk.key()).expect("a signature");
    let text = |text: &str| text.to_owned();
    for other in [
        Statement { at: "2026-11-21T09:30:00.001Z".parse().expect("a time"), ..good.clone() },
        Statement { decision: Some(super::super::Decision::Abstain), ..good.clone() },
        Statement { gate: Some(text("Other")), ..good.clone() },
        Statement { head: Digest::of(b"other"), ..good.clone() },
        Statement { ledger: text("00"), ..good.clone() },
        Statement { meaning: super::super::Meaning::Reviewed, ..good.clone() },
        Statement { name: text("Bob"), ..good.clone() },
        Statement { reason: text(""), ..good.clone() },
        Statement { report: Some(Digest::of(b"")), ..good.clone() },
        Statement { root: Digest::of(b"other"), ..good.clone() },
        Statement { run: Some(text("other")), ..good.clone() },
        Statement { signer: text("bob@example.com"), ..good.clone() },
        Statement { size: 1, ..good.clone() },
    ] {
        assert_eq!(desk.judge(&other, &signature).err(), Some(Fault::Wrong), "{other:?}");
    }
    for other in [
        Statement { role: text("ops"), ..good.clone() },
        Statement { act: Act::Decided, verdict: Some(text("GO")), ..good.clone() },
    ] {
        let fault = desk.judge(&other, &signature).expect_err("a fault");
        assert!(matches!(fault, Fault::Elsewhere(_)), "{fault}");
    }
}

#[test]
fn a_key_signs_only_what_its_line_says_and_when() {
    let desk = Desk::with(TYPES[0]);
    let good = signoff();
    let signature = sign(&good, &desk.key()).expect("a signature");
    let fault = |options: &str, revoked: &Revoked| {
        verify(&good, &signature, &desk.signers(options), revoked, good.at).expect_err("a fault")
    };
    let none = Revoked::default();
    let other = "namespaces=\"ops.signoff@holdpoint,tech-lead.waived@holdpoint\"";
    assert!(matches!(fault(other, &none), Fault::Stranger(_)));
    let before = format!("{ROLE},valid-before=\"20261121Z\"");
    assert!(matches!(fault(&before, &none), Fault::Expired(_)));
    let after = format!("{ROLE},valid-after=\"20261122Z\"");
    assert!(matches!(fault(&after, &none), Fault::Expired(_)));
    let revoked = Revoked::read(desk.public().as_bytes()).expect("keys");
    assert!(matches!(fault(ROLE, &revoked), Fault::Revoked(_)));
    let bob = format!("bob@example.com {ROLE} {}", desk.public());
    let bob = Signers::read(bob.as_bytes()).expect("signers");
    let theirs = verify(&good, &signature, &bob, &none, good.at).expect_err("a fault");
    assert!(matches!(theirs, Fault::Another(_)));
    let nobody = verify(&good, &signature, &Signers::default(), &none, good.at);
    assert!(matches!(nobody.expect_err("a fault"), Fault::Stranger(_)));
}

#[test]
fn a_key_that_came_later_does_not_sign_what_is_claimed_to_be_earlier() {
    let desk = Desk::with(TYPES[0]);
    let good = signoff();
    let signature = sign(&good, &desk.key()).expect("a signature");
    let after = desk.signers(&format!("{ROLE},valid-after=\"20261122Z\""));
    let later = "2026-11-23T00:00:00.000Z".parse().expect("a time");
    let judged = verify(&good, &signature, &after, &Revoked::default(), later);
    assert!(matches!(judged.expect_err("a fault"), Fault::Expired(_)));
}

#[test]
fn weak_keys_and_what_is_no_signature_are_refused() {
    let desk = Desk::with(&["-t", "rsa", "-b", "1024"]);
    let good = signoff();
    let signature = sign(&good, &desk.key()).expect("a signature");
    assert!(matches!(desk.judge(&good, &signature).expect_err("a fault"), Fault::Weak(_)));
    let half = &signature[..signature.len() / 2];
    let long = "A".repeat(LONGEST + 1);
    for text in ["", "go", half, &long, &signature.replace("SIGNATURE", "KEY")] {
        let fault = desk.judge(&good, text).expect_err("a fault");
        assert!(matches!(fault, Fault::Unreadable(_)), "{fault}");
    }
}

/// A hardware key signs a digest of its application, its flags, a counter, and a digest of what is signed
/// (PROTOCOL.u2f, "SSH U2F Signatures").
fn by_hardware(statement: &Statement, flags: u8) -> (String, Signers) {
    let pair = Ed25519Keypair::from_seed(&[7; 32]);
    let namespace = statement.namespace();
    let line = statement.line().expect("a line");
    let message = SshSig::signed_data(&namespace, HashAlg::Sha512, &line).expect("its data");
    let tail = [flags, 0, 0, 0, 1];
    let of = |bytes: &[u8]| Digest::of(bytes).as_bytes().to_vec();
    let data = [of(b"ssh:"), tail.to_vec(), of(&message)].concat();
    let signer = ssh_key::PrivateKey::from(pair.clone());
    let plain: Signature = signature_of(&signer, &data);
    let bytes = [plain.as_bytes(), &tail].concat();
    let signature = Signature::new(Algorithm::SkEd25519, bytes).expect("a signature");
    let key = KeyData::SkEd25519(SkEd25519::new(pair.public, "ssh:"));
    let sig = SshSig::new(key.clone(), namespace, HashAlg::Sha512, signature).expect("SSHSIG");
    let public = PublicKey::from(key).to_openssh().expect("a key");
    let signers = format!("alice@example.com {ROLE} {public}\n");
    let signers = Signers::read(signers.as_bytes()).expect("signers");
    (sig.to_pem(LineEnding::LF).expect("armour"), signers)
}

fn signature_of(key: &PrivateKey, data: &[u8]) -> Signature {
    // The crate's trait for signing is not re-exported; its own kind of signature has the bytes.
    key.key_data().ed25519().map(|pair| sign_ed25519(pair, data)).expect("ed25519")
}

fn sign_ed25519(pair: &Ed25519Keypair, data: &[u8]) -> Signature {
    use ed25519_dalek::Signer;
    let key = ed25519_dalek::SigningKey::from_bytes(&pair.private.to_bytes());
    Signature::new(Algorithm::Ed25519, key.sign(data).to_bytes().to_vec()).expect("a signature")
}

#[test]
fn a_hardware_key_counts_only_when_somebody_touched_it() {
    let good = signoff();
    let (touched, signers) = by_hardware(&good, 1);
    assert!(verify(&good, &touched, &signers, &Revoked::default(), good.at).is_ok());
    let (untouched, signers) = by_hardware(&good, 0);
    let judged = verify(&good, &untouched, &signers, &Revoked::default(), good.at);
    assert_eq!(judged.err(), Some(Fault::Untouched));
    let (verified, signers) = by_hardware(&good, 4);
    let judged = verify(&good, &verified, &signers, &Revoked::default(), good.at);
    assert_eq!(judged.err(), Some(Fault::Untouched));
}
