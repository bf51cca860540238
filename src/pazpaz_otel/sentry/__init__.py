"""Errors in Sentry, linked to the OpenTelemetry trace: events made anew from what is proven, nothing else.

sentry-sdk's own methods are replaced in this room only. It must not import `otel`.
"""
