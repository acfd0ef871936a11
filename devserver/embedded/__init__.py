"""An embedded PostgreSQL and Redis, so that `make run` and the tests need nothing but Python."""

from devserver.embedded.postgres import Postgres
from devserver.embedded.redis import Redis
from devserver.embedded.server import StartError
from devserver.embedded.supervisor import servers

__all__ = ["Postgres", "Redis", "StartError", "servers"]
