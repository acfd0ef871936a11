"""The ballots' way in over HTTP: read on the event loop, collected, recorded in batches, answered after commit (law 7)."""
