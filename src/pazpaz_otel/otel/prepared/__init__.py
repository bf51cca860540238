"""Metrics with prepared series: recording only adds, and the totals are read when metrics are collected.

The SDK copies, hashes and looks up the attributes of every measurement. An instrumentation that knows its series keeps
them instead, and `collection` adds their points to what the SDK collected, before the guards.
"""
