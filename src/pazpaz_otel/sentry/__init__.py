"""Errors in Sentry, linked to the OpenTelemetry trace; events are rebuilt from proven facts only.

Only this package replaces methods of sentry-sdk. It must not import `otel`.
"""
