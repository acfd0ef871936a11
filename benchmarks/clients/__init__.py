"""Clients for what wrk cannot do: a rate that does not depend on the answers' time, and thousands of open streams. Each kind
runs in a separate process (benchmarks/clients/child.py)."""
