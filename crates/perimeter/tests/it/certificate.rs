//! What client certificates say, and whom they make of their owners.

use frontdesk_lang::model::{CertificateAuth, CertificateClient};
use frontdesk_perimeter::{Certificates, ClientCertificate, Kind};
use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair, SanType};

use crate::limits::nowhere;

fn certificate(common_names: &[&str], alternatives: Vec<SanType>) -> ClientCertificate {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::OrganizationName, "x".repeat(200));
    for name in common_names {
        params.distinguished_name.push(DnType::CommonName, *name);
    }
    params.subject_alt_names = alternatives;
    let signed = params.self_signed(&KeyPair::generate().unwrap()).unwrap();
    ClientCertificate::read(signed.der()).unwrap()
}

#[test]
fn alternative_names_count_and_the_common_name_only_without_them() {
    let dns = SanType::DnsName("partner.example.com".try_into().unwrap());
    let uri = SanType::URI("spiffe://example.com/partner".try_into().unwrap());
    let both = certificate(&["admin.example.com"], vec![dns, uri]);
    assert_eq!(both.names, ["partner.example.com", "spiffe://example.com/partner"]);
    assert_eq!(both.thumbprint.len(), 43);
    assert_eq!(certificate(&["Acme Ltd."], vec![]).names, ["Acme Ltd."]);
    assert!(certificate(&[], vec![]).names.is_empty());
    assert_eq!(ClientCertificate::read(b"no certificate"), None);
}

#[test]
fn a_client_is_known_by_one_of_its_names() {
    let client = |name: &str, subject: &str| CertificateClient {
        name: name.into(),
        subject: subject.into(),
        scopes: vec!["orders.read".into()],
    };
    let auth = CertificateAuth {
        clients: vec![client("partner.example.com", "acme"), client("Acme Ltd.", "acme-old")],
        span: nowhere(),
    };
    let certificates = Certificates::new("partner".into(), &auth);
    let shown = |names: &[&str]| ClientCertificate {
        names: names.iter().map(|n| (*n).to_owned()).collect(),
        thumbprint: "t".to_owned(),
    };
    let known = certificates.identity(&shown(&["x.example.com", "Partner.Example.Com"])).unwrap();
    assert_eq!((known.kind, &*known.subject, &*known.issuer), (Kind::Certificate, "acme", "partner"));
    assert_eq!(known.scopes.len(), 1);
    assert_eq!(&*certificates.identity(&shown(&["Acme Ltd."])).unwrap().subject, "acme-old");
    for names in [
        &["acme ltd."][..],
        &["*.example.com"],
        &["partner.example.com."],
        &["evil-partner.example.com"],
        &[],
    ] {
        assert_eq!(certificates.identity(&shown(names)), None, "{names:?}");
    }
}
