"""Debian's RabbitMQ, on loopback, for the tests that kill and freeze it."""

import os
import shutil
import signal
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest
from kombu.connection import Connection

from devserver.embedded.server import Server, StartError
from tests.installation import free_port

# Debian's /usr/sbin/rabbitmq-server changes to a system user and to that user's folders; this is what it calls.
PROGRAM = "/usr/lib/rabbitmq/bin/rabbitmq-server"


class RabbitMQ(Server):
    """One node, with its data in `home`. Restarts keep its port and its queues."""

    programs = ("rabbitmq-server",)

    def __init__(self, folder: Path) -> None:
        super().__init__(folder / "rabbitmq")
        self.port, self._names_port = free_port(), free_port()
        self._names: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"amqp://guest:guest@127.0.0.1:{self.port}//"

    def start(self) -> None:
        if self.running:
            return
        self.home.mkdir(parents=True, exist_ok=True)
        plugins = self.home / "enabled_plugins"
        plugins.write_text("[].")
        environment = {
            "HOME": self.home,
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "ERL_EPMD_PORT": self._names_port,
            "RABBITMQ_NODENAME": f"tallyline{self.port}@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": self.port,
            "RABBITMQ_DIST_PORT": free_port(),
            "RABBITMQ_MNESIA_BASE": self.home / "data",
            "RABBITMQ_LOG_BASE": self.home / "log",
            "RABBITMQ_LOGS": "-",
            "RABBITMQ_ENABLED_PLUGINS_FILE": plugins,
            "RABBITMQ_CONF_ENV_FILE": "/dev/null",
        }
        variables = [f"{name}={value}" for name, value in environment.items()]
        if self._names is None:  # or the node would leave one running when it ends
            command = ["/usr/bin/env", *variables, "epmd", "-address", "127.0.0.1", "-port", str(self._names_port)]
            self._names = subprocess.Popen(command, stdin=subprocess.DEVNULL)
        self._launch(["/usr/bin/env", *variables, PROGRAM])

    def stop(self, mode: str = "fast") -> None:
        self.kill()
        if self._names is not None:
            self._names.kill()
            self._names.wait()

    def kill(self) -> None:
        """kill -9 of the node: its script is another process."""
        self._tell(signal.SIGKILL)
        if self.process is not None:
            self.process.wait()

    def freeze(self) -> None:
        """It takes connections and bytes, and answers nothing."""
        self._tell(signal.SIGSTOP)

    def thaw(self) -> None:
        self._tell(signal.SIGCONT)

    def _tell(self, number: signal.Signals) -> None:
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)

    def _ready(self) -> bool:
        try:
            with Connection(self.url, connect_timeout=1, transport_options={"read_timeout": 1}) as connection:
                connection.connect()
        except OSError:
            return False
        return True


def rabbitmq(folder: Path) -> RabbitMQ:
    """A new node, started. Fails the test with a sentence where RabbitMQ is not installed."""
    if not (Path(PROGRAM).exists() and shutil.which("epmd")):
        pytest.fail("RabbitMQ is missing: apt-get install rabbitmq-server")
    server = RabbitMQ(folder)
    try:
        server.start()
    except StartError:
        server.stop()
        raise
    return server
