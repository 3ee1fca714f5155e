//! Arbitrary bytes as an OpenAPI document: any answer will do, as long as there is one.
