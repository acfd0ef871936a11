"""Clients of our own where wrk cannot do it: a steady rate whatever the answers take, and thousands of open streams."""
