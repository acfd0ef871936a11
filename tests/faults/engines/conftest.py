"""Faults of the servers of larger installations: Debian's, and too large for `make test`. Only `make faults` runs these."""

from tests.installation import FULL

collect_ignore_glob = [] if FULL else ["test_*.py"]
