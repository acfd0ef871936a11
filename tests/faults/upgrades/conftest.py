"""Backups, recovery and upgrades at full size. Only `make faults` runs these."""

from tests.installation import FULL

collect_ignore_glob = [] if FULL else ["test_*.py"]
