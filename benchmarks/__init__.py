"""`make bench`: how fast and how big, each figure beside its reference in the same run (docs/performance.md)."""
