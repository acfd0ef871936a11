"""Simulated rooms and real waits, and how well quotes foretell them (S14, S16)."""
