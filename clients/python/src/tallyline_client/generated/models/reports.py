"""Made by `make client` from the OpenAPI document; do not edit. Models: reports."""

from __future__ import annotations

from typing import Literal, TypedDict


class AnswerFigures(TypedDict):
    """What guests answered after their visits, by how right their quotes were."""

    group: Literal["all", "held", "earlier", "later"]
    # Seated parties that were asked.
    asked: int
    answered: int
    # 1 (bad) to 5 (very good); null where none answered.
    mean: float | None
    # How many answered 1, 2, 3, 4, 5.
    counts: list[int]


class DayFigures(TypedDict):
    """One business day."""

    day: str
    figures: FigureFields


class FigureFields(TypedDict):
    """Figures of a group of parties. Waits in ms, null where no party was seated."""

    parties: int
    guests: int
    served: int
    servedGuests: int
    noShows: int
    left: int
    kicked: int
    closedOut: int
    waiting: int
    inQuote: int
    inOlder: int
    withOlder: int
    medianWaitMs: int | None
    p90WaitMs: int | None
    medianQuoteLowMs: int | None
    medianQuoteHighMs: int | None
    meanErrorMs: int | None
    olderErrorMs: int | None


class HourFigures(TypedDict):
    """The parties that joined in one hour of all days, by the venue's clock."""

    hour: int
    figures: FigureFields


class LineFigures(TypedDict):
    """One line."""

    code: str
    eventName: str
    # ms since 1970
    openedAt: int
    figures: FigureFields


class ServiceFigures(TypedDict):
    """One service; null for lines without one."""

    serviceId: str | None
    name: str
    figures: FigureFields


class VenueFigures(TypedDict):
    """A venue's report. Days in order, hours by the business day, lines the newest first."""

    first: str
    last: str
    # Of the venue; empty where none is set.
    zone: str
    total: FigureFields
    days: list[DayFigures]
    hours: list[HourFigures]
    services: list[ServiceFigures]
    lines: list[LineFigures]
    # The first row counts all guests who were asked, each other one a group. Empty where no guest was asked.
    answers: list[AnswerFigures]
