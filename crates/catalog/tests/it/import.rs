//! Adding a service to a `frontdesk.yaml` that people wrote.
