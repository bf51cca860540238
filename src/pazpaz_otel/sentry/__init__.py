"""Errors in Sentry, linked to the OpenTelemetry trace: events made anew from what is proven, nothing else.

sentry-sdk's and Starlette's seams are touched in this room only. It must not know `signals`.
"""
