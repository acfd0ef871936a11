"""References: the least that could do the same, and the usual way to do it."""
