"""Names of time zones (IANA) that this machine knows."""

from contextlib import suppress
from functools import cache
from pathlib import Path
from zoneinfo import TZPATH, available_timezones

import tzlocal
from django.conf import settings


@cache
def zone_names() -> frozenset[str]:
    """All of them. Kept, since looking for them reads 600 files (20 ms)."""
    return frozenset(available_timezones())


@cache
def place_zones() -> list[tuple[str, str]]:
    """The zones that are called after a place, each with what a person reads, to choose from."""
    named = sorted(zone for zone in zone_names() if zone.partition("/")[0] in _AREAS)
    return [(zone, zone.replace("_", " ")) for zone in named]


_AREAS = frozenset(
    ["Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"]
)


def proposed_zone() -> str:
    """What a command line proposes as a venue's zone: TIME_ZONE, else this machine's; empty where neither names a place's."""
    installed: str = settings.TIME_ZONE
    return machine_zone() if installed.removeprefix("Etc/") == "UTC" else installed


def machine_zone() -> str:
    """This machine's IANA time zone; empty where it has none, as on many servers."""
    try:
        zone = tzlocal.get_localzone_name()
    except (LookupError, ValueError):
        return ""
    return zone if "/" in zone and not zone.startswith("Etc/") else ""


@cache
def country_of(zone: str) -> str:
    """The country (ISO 3166) that this zone is called after a place of; empty for others, and where the machine has no table."""
    for folder in TZPATH:
        with suppress(OSError):
            rows = (Path(folder) / "zone.tab").read_text(encoding="utf-8").splitlines()
            named = (row.split("\t") for row in rows if not row.startswith("#"))
            return next((country for country, _, name, *_ in named if name == zone), "")
    return ""
