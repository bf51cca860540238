"""Encode spans and log records as OTLP bytes when they end, and join the bytes when they are sent.

Imports the guards and the SDK, but neither integrations nor the runtime.
"""
