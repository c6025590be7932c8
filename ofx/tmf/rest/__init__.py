"""The REST rules of TMF630, once for every resource: docs/tmf.md says how an API is added."""
