"""From the policy to what enforces it elsewhere: pure functions from a `Policy` to text.

Knows the languages of the Collector, of Sentry and of the browser, and nothing of the running process.
"""
