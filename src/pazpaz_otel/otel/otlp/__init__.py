"""How spans and log records become OTLP bytes: encoded where they end, joined where they are sent.

Imports the guards and the SDK; no integration, and not the runtime.
"""
