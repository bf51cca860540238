"""One file for each library: how its instrumentation is started, what it proves, and how its errors are captured.

A module of this package that has a `LIBRARY` is an integration: nothing else names it. `registry` is the table of them.
"""
