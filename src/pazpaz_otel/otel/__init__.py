"""The wiring into OpenTelemetry: which provider, processor, instrument and instrumentation the guards stand at.

Names private to the SDK stand here and in `integrations`, nowhere else.
"""
