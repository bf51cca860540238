"""Counts shared by a host's workers: each merges its counts into one file, and one worker sends the sums.

The workers' own cumulative counts can't be summed exactly: the last counts of a worker that ends are lost, and each
successor adds new series. The ledger has one identity and one set of series, whichever workers come and go.
"""
