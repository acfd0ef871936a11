"""Made by `make client` from the OpenAPI document; do not edit. All operations."""

from ..connection import Connection
from .edge_poll import EdgePollOperations
from .events import EventsOperations
from .lines import LinesOperations
from .polls import PollsOperations
from .push import PushOperations
from .reports import ReportsOperations
from .rooms import RoomsOperations
from .voting_sessions import VotingSessionsOperations
from .webhooks import WebhooksOperations


class Operations:
    """Every operation, by what it is about."""

    def __init__(self, connection: Connection) -> None:
        self.edge_poll = EdgePollOperations(connection)
        self.events = EventsOperations(connection)
        self.lines = LinesOperations(connection)
        self.polls = PollsOperations(connection)
        self.push = PushOperations(connection)
        self.reports = ReportsOperations(connection)
        self.rooms = RoomsOperations(connection)
        self.voting_sessions = VotingSessionsOperations(connection)
        self.webhooks = WebhooksOperations(connection)
