"""The guards: they turn what the application emits into what may leave.

Each guard judges one surface by the policy and by what the running process can prove, and counts what it drops. Guards
know the SDK's data types, but not how the SDK is set up.
"""
