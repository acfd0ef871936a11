"""What we compare ourselves with: the least that could do the same, and what people usually do."""
