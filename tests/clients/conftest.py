"""Fixtures of the tests with generated clients."""

from tests.contracts.conftest import venue_key

__all__ = ["venue_key"]
