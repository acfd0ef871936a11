"""Fixtures of all tests. Postgres and Redis are real: `make test` starts them (python -m devserver.embedded)."""

import os
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import get_commands
from django.core.management.commands import flush
from django.db import connection, connections
from django.template import Context, RequestContext, Template
from django.test import Client, override_settings
from django.test.client import ClientHandler
from django.test.signals import template_rendered
from pytest_django.fixtures import Settings

from core import cache, clock
from devserver.embedded import Redis
from tests.installation import LISTED_ORIGIN, Attached, NewStack, Stack
from tests.migrated import migrated
from tests.reach.phones.provider import gateway
from tests.resting import pytest_runtest_setup as pytest_runtest_setup
from tests.resting import pytest_runtest_teardown as pytest_runtest_teardown
from tests.resting import share
from tests.webhooks.receiver import program

pytest_plugins = ["tests.needs", "tests.parallel"]


@pytest.fixture(scope="session", autouse=True)
def servers_are_there(request: pytest.FixtureRequest) -> None:
    """Ends a session without Postgres and Redis at once, unless all that was chosen is pure."""
    served = os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL")
    if not served and any(not item.get_closest_marker("pure") for item in request.session.items):
        pytest.exit("Start the tests with `make test`, or `python -m devserver.embedded --temporary -- pytest`.", 2)


@pytest.fixture(scope="session", autouse=True)
def settings_of_tests() -> Iterator[None]:
    """Turns off or replaces what no test in this process needs and all would pay for."""
    with override_settings(
        # All tests come from one address; those of the limits turn them on.
        RATE_LIMITS=False,
        # Static files when asked for. Reading all of them for each test's client took a third of all time.
        WHITENOISE_AUTOREFRESH=True,
        # Argon2 is slow on purpose (0.2 s), and people sign in hundreds of times here. The running program has it.
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
    ):
        yield


@pytest.fixture(scope="session", autouse=True)
def contexts_of_pages(django_test_environment: None) -> Iterator[None]:
    """`answer.context` is what a page's template was given. Django's test client also keeps a copy for each template that it
    extends or includes: a seventh of a page's CPU.
    """

    def render(self: Template, context: Context) -> Any:
        if isinstance(context, RequestContext) and context.template is self:
            template_rendered.send(sender=self, template=self, context=context)
        return self.nodelist.render(context)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Template, "_render", render)
        yield


@pytest.fixture(scope="session", autouse=True)
def by_the_one_door() -> Iterator[None]:
    """Django's test client asks the event loop's views for what they answer (tests/one_door.py)."""
    from tests import one_door

    door = one_door.OneDoor()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ClientHandler, "__call__", one_door.handler(door))
        yield
    door.close()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None) -> None:
    """The tests' database is a copy of the migrated one, where no migration is left to run."""
    connection.settings_dict["TEST"]["TEMPLATE"] = migrated(os.environ["DATABASE_URL"])


class DeleteRows(flush.Command):
    """`manage.py flush` for tests: deletes what a test has committed, and leaves what migrations have made.

    Django's truncates every table, full or empty, and writes permissions anew: 0.3 s after each such test. Foreign keys are
    not checked, for all rows go: each row would be looked for in every table that may name it.
    """

    def handle(self, *args: Any, **options: Any) -> None:
        """All rows of all tables but Django's own three. A table that never had a row has an empty file: to open it, on the new
        connection that Django makes for each such test, costs more than to look at the file.
        """
        with connections[options["database"]].cursor() as cursor:
            cursor.execute("""
                DO $$ DECLARE name text; BEGIN
                  SET LOCAL session_replication_role = replica;
                  FOR name IN SELECT oid::regclass FROM pg_class
                    WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace
                    AND relname NOT IN ('django_migrations', 'django_content_type', 'auth_permission')
                    AND (pg_stat_file(pg_relation_filepath(oid))).size > 0
                  LOOP EXECUTE 'DELETE FROM ' || name; END LOOP;
                END $$""")


@pytest.fixture(scope="session", autouse=True)
def quick_flush() -> Iterator[None]:
    """Django's test cases call `flush` after each test with `transaction=True`; here they get DeleteRows."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(get_commands(), "flush", DeleteRows())
        yield


def _installations(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NewStack]:
    made: list[Stack] = []

    def make(name: str, redis_number: int, **extra: str) -> Stack:
        redis_url = os.environ["REDIS_URL"].rsplit("/", 1)[0] + f"/{redis_number}"
        options = {"database_url": os.environ["DATABASE_URL"], "redis_url": redis_url, **extra}
        made.append(Stack(tmp_path_factory.mktemp(name), name=f"tallyline_{name}", **options))
        return made[-1]

    yield make
    for stack in made:
        stack.stop()


@pytest.fixture(scope="session")
def new_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NewStack]:
    """Makes installations that run until the tests end: new_stack("name", redis_number, ENV="x")."""
    yield from _installations(tmp_path_factory)


@pytest.fixture(scope="module")
def own_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NewStack]:
    """The same for one file's tests."""
    yield from _installations(tmp_path_factory)


@pytest.fixture(scope="session")
def stack(new_stack: NewStack) -> Stack:
    """The whole program, running: web, worker and timers. Shared: use lines of your own, break nothing.

    RUNNING names the description of one that runs already (`make cluster`).
    """
    if described := os.environ.get("RUNNING"):
        return Attached(described)
    hosts = {"TEXT_EXTRA_HOSTS": gateway().host, "WEBHOOK_EXTRA_HOSTS": program().host}
    made = new_stack("live", 9, **hosts).start("web", "worker", "timers")
    share("stack", made.rest, made.wake)
    return made


@pytest.fixture(scope="session")
def both(stack: Stack) -> Stack:
    """The same with a second web process, "web2"."""
    return stack.start("web2")


@pytest.fixture(scope="session")
def site(new_stack: NewStack) -> Stack:
    """Two uvicorn processes, daphne and the timers, for live updates. Shared: use lines and polls of your own, break nothing."""
    made = new_stack("realtime", 7, ALLOWED_ORIGINS=LISTED_ORIGIN, APP_BASE_URL=f"{LISTED_ORIGIN}/app/")
    share("site", made.rest, made.wake)
    return made.start("web", "web2", "daphne", "timers")


@pytest.fixture(params=["web", "daphne"])
def server(request: pytest.FixtureRequest) -> str:
    """Each of the two servers that Tallyline runs on, as a process of `site`."""
    name: str = request.param
    return name


@pytest.fixture
def quiet_logs(site: Stack) -> Iterator[None]:
    """Asserts that no process of `site` logs an error during the test."""
    names = ("web", "web2", "daphne", "timers")
    before = {name: len(site.log(name)) for name in names}
    yield
    logged = "".join(site.log(name)[before[name] :] for name in names)
    assert "Traceback" not in logged, logged[-3000:]
    assert "level=error" not in logged, logged[-3000:]


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    """A Redis server for one file's tests, which may stop, freeze and empty it."""
    server = Redis(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server
    server.stop()


@pytest.fixture(autouse=True)
def known_clock() -> None:
    """The estimate of the database's clock is set, as in a process that has started."""
    clock.estimate.learn(time.time() * 1000)


@pytest.fixture(autouse=True)
def closed_breaker() -> None:
    """Redis is asked again, also when the test before had lost it."""
    cache.breaker._until = 0.0


@pytest.fixture
def patient_redis(settings: Settings) -> Iterator[None]:
    """On a busy machine a slow Redis is not taken for a lost one."""
    settings.REDIS_TIMEOUT_S = 10
    cache.sync_redis.cache_clear()
    yield
    cache.sync_redis.cache_clear()


@pytest.fixture
def host() -> Client:
    """A browser without scripts; what it opens, it hosts."""
    return Client()


@pytest.fixture
def guest() -> Client:
    """Another browser without scripts."""
    return Client()
