//! The JSON Schema of `frontdesk.yaml`.
