"""How many machines a crowd of voters needs, and how long they wait: a simulation of the ballots' way, fed with what was
measured (docs/scale.md)."""
