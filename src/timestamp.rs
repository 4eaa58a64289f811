//! Time-stamps of bytes by an authority (RFC 3161): what it is asked, and what its answer is worth.
//!
//! An answer is worth something when its signature is good, its certificate is for time-stamping only, and
//! somebody named a certificate of its chain beforehand. Kept as the authority sent it, `openssl ts -verify` checks
//! it without us.

use cms::cert::CertificateChoices;
use cms::cert::x509::Certificate;
use cms::cert::x509::ext::pkix::ExtendedKeyUsage;
use cms::cert::x509::spki::AlgorithmIdentifier;
use cms::signed_data::{SignedData, SignerIdentifier, SignerInfo};
use der::asn1::{Int, ObjectIdentifier, OctetString};
use der::oid::db::rfc5280::ID_KP_TIME_STAMPING;
use der::oid::db::rfc5911::{ID_CONTENT_TYPE, ID_MESSAGE_DIGEST, ID_SIGNED_DATA};
use der::oid::db::rfc5912::{ID_SHA_256, ID_SHA_384, ID_SHA_512};
use der::{Any, Decode, Encode};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, SignatureVerificationAlgorithm, UnixTime};
use sha2::{Digest as _, Sha256, Sha384, Sha512};
use x509_tsp::{MessageImprint, TimeStampReq, TimeStampResp, TspVersion, TstInfo};

use crate::clock::Timestamp;
use crate::digest::Digest;
use crate::note::Refused;

mod ask;

pub use ask::ask;

/// An answer may be so long: 256 KiB.
pub const LIMIT: usize = 256 << 10;

/// What a time-stamp is of its kind (RFC 3161, 2.4.2).
const ID_CT_TST_INFO: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.1.4");

/// `id-kp-timeStamping` (RFC 3161, 2.3), without tag and length.
const TIME_STAMPING: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 8];

/// Statuses of an answer that holds a time-stamp: granted, and granted with changes (RFC 3161, 2.4.2).
const GRANTED: [u8; 2] = [0, 1];

/// When some bytes were there at the latest, as an authority signed it.
#[derive(Clone, Debug)]
pub struct Stamp {
    /// The time, and as much later as the authority may be wrong.
    pub at: Timestamp,
    /// The certificate that signed, and those that came with it.
    signer: Vec<u8>,
    others: Vec<Vec<u8>>,
    nonce: Option<Vec<u8>>,
}

/// What to ask an authority for a time-stamp of `data` (RFC 3161, 2.4.1).
///
/// # Errors
/// None that anybody has seen: it cannot be written.
pub fn request(data: &[u8], nonce: &[u8; 16]) -> Result<Vec<u8>, Refused> {
    let written = || -> der::Result<Vec<u8>> {
        let hash_algorithm = AlgorithmIdentifier { oid: ID_SHA_256, parameters: Some(Any::null()) };
        let hashed_message = OctetString::new(Sha256::digest(data).as_slice())?;
        TimeStampReq {
            version: TspVersion::V1,
            message_imprint: MessageImprint { hash_algorithm, hashed_message },
            req_policy: None,
            nonce: Some(Int::new(&number(nonce))?),
            cert_req: true,
            extensions: None,
        }
        .to_der()
    };
    written().map_err(|_| Refused("the request cannot be written"))
}

/// A positive integer of 16 bytes without needless ones in front.
fn number(nonce: &[u8; 16]) -> [u8; 16] {
    let mut number = *nonce;
    number[0] = number[0] & 0x7f | 0x40;
    number
}

/// The digests of the certificates in PEM.
///
/// # Errors
/// When something in it is no certificate.
pub fn certificates(pem: &[u8]) -> Result<Vec<Digest>, Refused> {
    let each = CertificateDer::pem_slice_iter(pem);
    let digests = each.map(|der| der.map(|der| Digest::of(&der)));
    digests.collect::<Result<_, _>>().map_err(|_| Refused("it is not PEM"))
}

impl Stamp {
    /// Opens an authority's answer about `data`.
    ///
    /// # Errors
    /// Why it is no time-stamp of it, or not signed by the certificate that came with it.
    pub fn open(answer: &[u8], data: &[u8]) -> Result<Self, Refused> {
        if answer.len() > LIMIT {
            return Err(Refused("it is longer than a time-stamp"));
        }
        let unreadable = |_| Refused("it is no answer of a time-stamping authority");
        let answer = TimeStampResp::from_der(answer).map_err(unreadable)?;
        if !GRANTED.contains(&(answer.status.status as u8)) {
            return Err(Refused("the authority refuses to stamp it"));
        }
        let token = answer.time_stamp_token.filter(|token| token.content_type == ID_SIGNED_DATA);
        let token = token.ok_or(Refused("it holds no time-stamp"))?;
        let signed: SignedData = token.content.decode_as().map_err(unreadable)?;
        let content = signed.encap_content_info.econtent.as_ref();
        let content = content.filter(|_| signed.encap_content_info.econtent_type == ID_CT_TST_INFO);
        let content = content.ok_or(Refused("what is signed is no time-stamp"))?.value();
        let info = TstInfo::from_der(content).map_err(unreadable)?;
        let (signer, others) = verify(&signed, content)?;
        let imprint = &info.message_imprint;
        let digest = hash(imprint.hash_algorithm.oid, data);
        if digest.as_deref() != Some(imprint.hashed_message.as_bytes()) {
            return Err(Refused("it is the time-stamp of something else"));
        }
        Ok(Self {
            at: latest(&info).ok_or(Refused("its time cannot be read"))?,
            signer,
            others,
            nonce: info.nonce.map(|nonce| nonce.as_bytes().to_vec()),
        })
    }

    /// It answers this very request.
    pub fn answers(&self, nonce: &[u8; 16]) -> bool {
        self.nonce.as_deref() == Some(&number(nonce))
    }

    /// Whether it is signed by a certificate for time-stamping that is, or is below, one with these digests.
    pub fn is_by(&self, trusted: &[Digest]) -> bool {
        let is_trusted = |der: &[u8]| trusted.contains(&Digest::of(der));
        if is_trusted(&self.signer) {
            return self.is_for_stamping().unwrap_or(false);
        }
        let anchors: Vec<CertificateDer<'_>> = self
            .others
            .iter()
            .filter(|der| is_trusted(der))
            .map(|der| CertificateDer::from(der.as_slice()))
            .collect();
        let anchors: Vec<_> =
            anchors.iter().filter_map(|der| webpki::anchor_from_trusted_cert(der).ok()).collect();
        let between: Vec<CertificateDer<'_>> =
            self.others.iter().map(|der| CertificateDer::from(der.as_slice())).collect();
        let signer = CertificateDer::from(self.signer.as_slice());
        let Ok(signer) = webpki::EndEntityCert::try_from(&signer) else { return false };
        let at = u64::try_from(self.at.as_millis() / 1_000).unwrap_or(0);
        let at = UnixTime::since_unix_epoch(std::time::Duration::from_secs(at));
        let usage = webpki::KeyUsage::required(TIME_STAMPING);
        let chain = signer.verify_for_usage(
            webpki::ALL_VERIFICATION_ALGS,
            &anchors,
            &between,
            at,
            usage,
            None,
            None,
        );
        chain.is_ok()
    }

    /// Whether the certificate that signed is for that, and was valid then.
    fn is_for_stamping(&self) -> der::Result<bool> {
        let certificate = Certificate::from_der(&self.signer)?.tbs_certificate;
        let usage = certificate.get::<ExtendedKeyUsage>()?;
        let at = std::time::Duration::from_millis(u64::try_from(self.at.as_millis()).unwrap_or(0));
        let validity = certificate.validity;
        let valid = validity.not_before.to_unix_duration() <= at
            && at <= validity.not_after.to_unix_duration();
        Ok(valid && usage.is_some_and(|(_, usage)| usage.0.contains(&ID_KP_TIME_STAMPING)))
    }

    /// The certificates that it could be trusted by, each with its name; the signer's own is none of them.
    pub fn authorities(&self) -> Vec<(Digest, String)> {
        let named = self.others.iter().filter_map(|der| {
            let name = Certificate::from_der(der).ok()?.tbs_certificate.subject.to_string();
            Some((Digest::of(der), name))
        });
        named.collect()
    }
}

/// The certificate that signed, and the others.
type Certificates = (Vec<u8>, Vec<Vec<u8>>);

/// Checks the only signature (RFC 5652, 5.4).
fn verify(signed: &SignedData, content: &[u8]) -> Result<Certificates, Refused> {
    let bad = Refused("its signature is not good");
    let [info] = signed.signer_infos.0.as_slice() else {
        return Err(Refused("it is not signed by one authority"));
    };
    let all = signed.certificates.iter().flat_map(|set| set.0.iter());
    let all: Vec<&Certificate> = all
        .filter_map(|choice| match choice {
            CertificateChoices::Certificate(certificate) => Some(certificate),
            CertificateChoices::Other(_) => None,
        })
        .collect();
    let signer = all.iter().position(|certificate| is_of(certificate, info));
    let signer = signer.ok_or(Refused("the certificate that signed it is missing"))?;
    let attributes = info.signed_attrs.as_ref().ok_or(bad.clone())?;
    let attribute = |oid: ObjectIdentifier| {
        let mut found = attributes.iter().filter(|attribute| attribute.oid == oid);
        let one = found.next().filter(|_| found.next().is_none())?;
        let [value] = one.values.as_slice() else { return None };
        Some(value)
    };
    let kind = attribute(ID_CONTENT_TYPE).and_then(|value| value.decode_as().ok());
    let digest = attribute(ID_MESSAGE_DIGEST)
        .and_then(|value| value.decode_as::<OctetString>().ok())
        .ok_or(bad.clone())?;
    if kind != Some(ID_CT_TST_INFO)
        || hash(info.digest_alg.oid, content).as_deref() != Some(digest.as_bytes())
    {
        return Err(bad);
    }
    let message = attributes.to_der().map_err(|_| bad.clone())?;
    let ders: Result<Vec<Vec<u8>>, _> =
        all.iter().map(|certificate| certificate.to_der()).collect();
    let mut others = ders.map_err(|_| bad.clone())?;
    let signer = others.remove(signer);
    let certificate = CertificateDer::from(signer.as_slice());
    let certificate = webpki::EndEntityCert::try_from(&certificate).map_err(|_| bad.clone())?;
    let good = algorithms(info).iter().any(|known| {
        certificate.verify_signature(*known, &message, info.signature.as_bytes()).is_ok()
    });
    if good { Ok((signer, others)) } else { Err(bad) }
}

/// Whether a certificate is the one that a signature names.
fn is_of(certificate: &Certificate, info: &SignerInfo) -> bool {
    match &info.sid {
        SignerIdentifier::IssuerAndSerialNumber(known) => {
            known.issuer == certificate.tbs_certificate.issuer
                && known.serial_number == certificate.tbs_certificate.serial_number
        }
        // RFC 3161 names certificates by the other way (2.4.2, ESSCertID).
        SignerIdentifier::SubjectKeyIdentifier(_) => false,
    }
}

/// How a signature may have been made: by the digest that it says, whatever the key.
fn algorithms(info: &SignerInfo) -> Vec<&'static dyn SignatureVerificationAlgorithm> {
    use webpki::ring::{
        ECDSA_P256_SHA256, ECDSA_P256_SHA384, ECDSA_P384_SHA256, ECDSA_P384_SHA384, ED25519,
        RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512,
    };
    match info.digest_alg.oid {
        ID_SHA_256 => vec![RSA_PKCS1_2048_8192_SHA256, ECDSA_P256_SHA256, ECDSA_P384_SHA256],
        ID_SHA_384 => vec![RSA_PKCS1_2048_8192_SHA384, ECDSA_P384_SHA384, ECDSA_P256_SHA384],
        ID_SHA_512 => vec![RSA_PKCS1_2048_8192_SHA512, ED25519],
        _ => Vec::new(),
    }
}

fn hash(algorithm: ObjectIdentifier, data: &[u8]) -> Option<Vec<u8>> {
    match algorithm {
        ID_SHA_256 => Some(Sha256::digest(data).to_vec()),
        ID_SHA_384 => Some(Sha384::digest(data).to_vec()),
        ID_SHA_512 => Some(Sha512::digest(data).to_vec()),
        _ => None,
    }
}

/// Its time, and its accuracy behind it: something was there then, and maybe sooner.
fn latest(info: &TstInfo) -> Option<Timestamp> {
    let at = i64::try_from(info.gen_time.to_unix_duration().as_millis()).ok()?;
    let accuracy = info.accuracy.as_ref().map_or(Some(0), |accuracy| {
        let seconds = i64::try_from(accuracy.seconds.unwrap_or(0)).ok()?;
        let millis = i64::from(accuracy.millis.unwrap_or(0).max(0));
        let below = i64::from(accuracy.micros.unwrap_or(0) > 0);
        seconds.checked_mul(1_000)?.checked_add(millis + below)
    })?;
    Timestamp::from_millis(at.checked_add(accuracy)?)
}
