"""Older voting APIs as thin translations over the same commands, ballots and shapes."""
