"""The connection to OpenTelemetry: the providers, processors and instruments where the guards are installed.

Only this package and `integrations` use names that are private to the SDK.
"""
