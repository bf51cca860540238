"""Compilers from a `Policy` to the text of what enforces it elsewhere; they are pure functions.

They know the languages of the Collector, Sentry and the browser, and nothing of the running process.
"""
