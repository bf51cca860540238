"""Metrics whose series are made beforehand: to record is to add, and what is added is read when metrics are collected.

The SDK copies, hashes and looks up the attributes of every measurement. An instrumentation that knows its series keeps
them instead, and `collection` puts their points among those that the SDK collected, before the guards.
"""
