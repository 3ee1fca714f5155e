//! `/openapi.json`: the contract of a BFF as anybody may read it, if `bff.ts` says `openapi: true`.

use bytes::Bytes;
use frontdesk_perimeter::{Inbound, Perimeter};
use hyper::header::{ACCESS_CONTROL_ALLOW_ORIGIN, HeaderName, HeaderValue, VARY};

use crate::answered::Answered;
use crate::site::Page;
use crate::versions::Versions;

/// The path under which it stands.
pub(crate) const PATH: &str = "/openapi.json";

const CROSS_ORIGIN_RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// The public contract of one BFF as OpenAPI documents, ready to be sent.
pub struct Documents(Vec<Page>);

impl Documents {
    /// The document of each date, newest first; the only one, if the BFF has no dated versions.
    pub fn new(texts: impl IntoIterator<Item = Bytes>) -> Self {
        Self(texts.into_iter().map(|text| Page::new(PATH, text)).collect())
    }

    /// The document of the date at this place of the BFF's list. It says nothing of anybody in particular, so pages
    /// of any origin may read it: tools that show contracts are such pages.
    pub(crate) fn answer(
        &self,
        at: usize,
        versions: &Versions,
        perimeter: &Perimeter,
        inbound: &Inbound<'_>,
    ) -> Option<Answered> {
        let mut response = self.0.get(at)?.answer(inbound.headers);
        let headers = response.headers_mut();
        perimeter.security().data(headers, perimeter.client(inbound).secure);
        headers.insert(CROSS_ORIGIN_RESOURCE_POLICY, HeaderValue::from_static("cross-origin"));
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        if let (Versions::Dated(_), Some(vary)) = (versions, versions.vary()) {
            headers.append(VARY, vary);
        }
        versions.write(at, headers);
        Some(Answered { is_final: true, ..Answered::new(response) })
    }
}
