"""When voters come: expected arrivals in each second, as a list."""

import csv
from pathlib import Path

import numpy as np
import numpy.typing as npt

PerSecond = npt.NDArray[np.float64]
# The last voters of a burst come one by one for hours: this share of all is added to the rest.
REST = 1e-3


def burst(voters: int, peak: float) -> PerSecond:
    """A call on television: a steep rise to `peak` voters a second and a long fall (gamma, shape 2)."""
    scale = voters / (np.e * peak)
    seconds = np.arange(0, int(20 * scale) + 2)
    came = 1 - np.exp(-seconds / scale) * (1 + seconds / scale)
    per_s = np.diff(came[came < 1 - REST])
    return _to(voters, per_s if len(per_s) else np.ones(1))


def constant(voters: int, peak: float) -> PerSecond:
    """`peak` a second until all have come."""
    return _to(voters, np.ones(max(1, round(voters / peak))))


def recorded(path: Path, voters: int, within_s: int) -> PerSecond:
    """Real arrivals (a CSV whose first column is seconds), as if `voters` had come, the whole of it in `within_s` seconds.

    Raises ValueError for a file without times.
    """
    with path.open(newline="") as file:
        times = [float(row[0]) for row in csv.reader(file) if row and row[0].replace(".", "", 1).isdigit()]
    if not times:
        raise ValueError(f"{path} has no arrival times in its first column")
    scaled = np.array(times) * within_s / (max(times) or 1.0)
    return _to(voters, np.histogram(scaled, bins=within_s, range=(0, within_s))[0].astype(float))


def present(per_s: PerSecond, stay_s: int) -> PerSecond:
    """How many visitors are present in each second, given how long each stays."""
    came = np.cumsum(np.concatenate([per_s, np.zeros(stay_s)]))
    gone = np.concatenate([np.zeros(stay_s), np.cumsum(per_s)])
    present: PerSecond = came - gone
    return present


def _to(voters: int, shape: npt.NDArray[np.float64]) -> PerSecond:
    scaled: PerSecond = shape * (voters / shape.sum())
    return scaled
