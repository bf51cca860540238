"""Decide which texts and names are in the running program's source. Imports nothing of telemetry."""
