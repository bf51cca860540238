"""`make demo`: the reference backend, traffic full of invented patients, what left the process, and the audit."""
