"""The wiring into OpenTelemetry: which provider, processor, instrument and instrumentation the guards stand at.

The only room, with `enforce/exporters.py`, that names what is private to the SDK or to an instrumentation.
"""
