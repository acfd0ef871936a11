"""Clients for what wrk cannot do: a rate that does not depend on the answers' time, and thousands of open streams."""
