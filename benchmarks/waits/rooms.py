"""Rooms to simulate: tables, how long parties stay, when they come, who gives up."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import exp
from random import Random

SIZES, SIZE_WEIGHTS = (1, 2, 3, 4, 5, 6), (8, 45, 13, 21, 6, 7)
# How much busier Monday to Sunday are.
WEEK = (0.8, 0.82, 0.88, 0.95, 1.2, 1.25, 1.0)

Draw = Callable[[Random, float], float]


@dataclass(frozen=True, slots=True)
class Room:
    """`tables`: of 2, 4 and 6 seats. `turns`: mean minutes at the table of 1-2, 3-4, 5-6 guests; `turn` draws one.
    `load`: parties at the peak of a mean day, as a share of what the tables can turn. `patience`: mean minutes until a waiting
    party gives up; `give_up` draws one. `strict`: only the first party in line may be called. `stops`: share of days on which the
    kitchen stops for 20 minutes. `peaks`: (minute, width) of the evening."""

    name: str
    tables: tuple[int, int, int]
    turns: tuple[float, float, float]
    turn: Draw
    load: float
    patience: float
    give_up: Draw
    no_shows: float = 0.05
    strict: bool = False
    stops: float = 0.25
    peaks: tuple[tuple[float, float], ...] = ((120.0, 60.0),)
    minutes: float = 300.0

    def rate(self, minute: float) -> float:
        """Parties per minute on a mean day."""
        capacity = sum(count / turn for count, turn in zip(self.tables, self.turns, strict=True))
        shape = max(exp(-(((minute - at) / width) ** 2)) for at, width in self.peaks)
        return self.load * capacity * (0.45 + 0.55 * shape)


def lognormal(spread: float) -> Draw:
    """Of this mean, with this standard deviation of the logarithm."""
    return lambda random, mean: mean * exp(random.gauss(-spread * spread / 2, spread))


def gamma(shape: float) -> Draw:
    """Of this mean: the larger the shape, the narrower."""
    return lambda random, mean: random.gammavariate(shape, mean / shape)


def weibull(shape: float) -> Draw:
    """Of about this mean."""
    return lambda random, mean: random.weibullvariate(mean * 1.1, shape)


def exponential(random: Random, mean: float) -> float:
    """Memoryless."""
    return random.expovariate(1 / mean)


# The model's constants were chosen on these. The benchmark has other rooms, other seeds and other distributions.
TUNING = (
    Room("pizzeria", (8, 7, 3), (42, 55, 70), gamma(9), 1.3, 240, exponential),
    Room("noodle bar", (12, 5, 2), (28, 36, 45), gamma(6), 1.25, 220, exponential, 0.08),
    Room("steak house", (9, 12, 6), (65, 80, 95), gamma(14), 1.3, 200, exponential, 0.03),
    Room("breakfast", (9, 9, 4), (38, 48, 60), gamma(8), 1.15, 250, exponential, strict=True, peaks=((150, 80),)),
)
MEASURED = (
    Room("trattoria", (10, 8, 4), (45, 60, 75), lognormal(0.3), 1.3, 140, weibull(1.4)),
    Room("bistro", (7, 4, 2), (50, 65, 85), lognormal(0.35), 1.25, 170, weibull(1.4), 0.06),
    Room("diner", (16, 14, 6), (35, 45, 60), lognormal(0.4), 1.3, 90, weibull(1.2), 0.08, peaks=((70, 40), (200, 50))),
    Room("brunch, in strict order", (10, 10, 4), (40, 52, 65), lognormal(0.3), 1.15, 170, weibull(1.5), strict=True),
)


def real_room(shares: Sequence[float]) -> Room:
    """Where parties stay these shares of the mean, for the real day's arrivals, which have their peak at noon."""
    turn: Draw = lambda random, mean: mean * random.choice(shares)  # noqa: E731
    return Room("real day", (11, 9, 4), (45, 60, 75), turn, 1.0, 150, weibull(1.4), minutes=13.5 * 60)
