"""What the distribution costs: CPU per request, memory and throughput, beside the stock one and the guide's stack.

`python -m bench` (or `make bench`) measures and prints a table; `docs/performance.md` says how it is measured.
`python -m bench.latency` measures the latency of a busy handler, which takes a quiet machine.
"""
