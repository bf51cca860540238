"""One file for each library: how its instrumentation starts, what it proves, and how its errors are captured.

Every module here with a `LIBRARY` is an integration, and nothing else mentions it; `registry` collects them.
"""
