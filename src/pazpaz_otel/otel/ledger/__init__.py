"""Counts shared by the workers of a host: each merges what it counted into one file, and one of them sends the sums.

Every worker's own cumulative counts can't be summed exactly: a worker that ends takes its last counts along, and each
successor adds series of its own. The ledger has one identity and one set of series, whoever comes and goes.
"""
