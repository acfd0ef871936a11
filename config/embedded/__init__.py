"""An embedded PostgreSQL and Redis, so that `make run` and the tests need nothing but Python."""

from config.embedded.postgres import Postgres
from config.embedded.redis import Redis
from config.embedded.server import StartError
from config.embedded.supervisor import servers

__all__ = ["Postgres", "Redis", "StartError", "servers"]
