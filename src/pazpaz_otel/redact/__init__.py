"""The guards: what leaves, as it leaves.

Each judges one surface by the policy and by what the running process can prove, and counts what it drops. They know
the SDK's data, not its wiring.
"""
