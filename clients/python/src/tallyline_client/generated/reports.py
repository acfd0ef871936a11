"""Made by `make client` from the OpenAPI document; do not edit. Operations of reports."""

from typing import Literal

from ..connection import Connection
from .models import VenueFigures


class ReportsOperations:
    """Operations of reports."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get_report(
        self, *, first: str | None = None, format_: Literal["json", "csv"] | None = None, last: str | None = None
    ) -> VenueFigures | str:
        """How service went: parties, waits quoted and real, no-shows, by day, hour, service and line; answers after
        the visit. The figures and the file are those of the venue's page of reports. An API key needs the scope
        `reports`.
        """
        answer: VenueFigures | str = self._connection.ask(
            "GET", "/api/reports", query={"first": first, "format": format_, "last": last}
        )
        return answer
