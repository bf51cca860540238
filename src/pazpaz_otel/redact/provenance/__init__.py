"""Answers which texts and names stand in the source of the running program. Imports nothing of telemetry."""
