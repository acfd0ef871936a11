"""`python -m devserver.run`: the whole program on one machine. `make run` calls it once the packages are installed.

Embedded servers, migrations, static files, a demo venue at first start, then the Procfile's processes until Ctrl-C.
The Procfile is in honcho's format. Its Manager is not used: its forked processes would inherit our lock, and an early signal
leaves orphans.
"""

import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import psutil
from honcho.environ import parse_procfile

from core import environment as env
from core.private_names import PRIVATE, is_private
from core.start import read_settings
from core.zones import machine_zone
from devserver.embedded import StartError, servers
from devserver.embedded.server import end
from devserver.processes import STOP_TIMEOUT_S, Processes, spawn

# Set to DATA_DIR in every child's environment, to find children of a killed supervisor.
MARK = "TALLYLINE_SUPERVISOR"
# Seconds after which a web server that does not answer is mentioned.
LATE_S = 60.0
EVERYWHERE = {"0.0.0.0", "::"}  # noqa: S104 — compared with, not bound to


def main() -> int:
    """Returns 0 after Ctrl-C or SIGTERM, 1 when a part cannot start or does not stay up."""
    try:
        data_dir = env.data_dir()
        host, port = env.text("HOST", "127.0.0.1"), env.number("PORT", 8000, least=1, most=65_535)
        environment = child_environment(data_dir, host, port)
        # Not by default in a database of the operator.
        demo = env.flag("DEMO", default=not env.text("DATABASE_URL"))
        environment.setdefault("SIGN_UP", "on" if demo else "off")
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    # What is wrong with a setting is said once here, and not by each process.
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    read_settings()
    if problem := env.missing_secrets():
        print(problem, file=sys.stderr)
        return 1

    def clear_the_way() -> None:
        end_marked(data_dir)
        check_port(host, port)
        say(f"Tallyline starts on {data_dir} ...")

    try:
        with servers(data_dir, before=clear_the_way) as added:
            environment |= added
            try:
                manage(environment, "migrate", "--no-input", "--verbosity=0")
                manage(environment, "collectstatic", "--no-input", "--verbosity=0")
                first_start = demo and set_up_demo(data_dir, environment)
                return supervise(data_dir, environment, replay=first_start)
            finally:
                end_marked(data_dir)
    except StartError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        say("Stopped.")
        return 0


def say(line: str) -> None:
    print(line, flush=True)


def check_port(host: str, port: int) -> None:
    """Raises StartError when HOST and PORT cannot be listened on."""
    if not 0 < port < 65536:
        raise StartError(f"PORT must be from 1 to 65535, not {port}")
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise StartError(f"Cannot listen on {host} port {port}: {error.strerror}. Set HOST or PORT.") from None


def child_environment(data_dir: Path, host: str, port: int) -> dict[str, str]:
    """The environment of all child processes: defaults filled in, our interpreter's programs first on PATH."""
    environment = {
        **os.environ,
        "DATA_DIR": str(data_dir),
        "HOST": host,
        "PORT": str(port),
        "WEB_WORKERS": str(web_workers()),
        **shared_metrics(data_dir),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "PYTHONUNBUFFERED": "1",
        MARK: str(data_dir),
    }
    if not env.text("TIME_ZONE") and (zone := machine_zone()):
        environment["TIME_ZONE"] = zone
    if not env.words("ALLOWED_HOSTS"):
        environment["ALLOWED_HOSTS"] = ",".join(["localhost", "127.0.0.1", "[::1]", *own_names(host), *by_rule(host)])
    return environment


def web_workers() -> int:
    """How many web processes. Raises ValueError."""
    return env.number("WEB_WORKERS", 1, least=1, most=256)


def shared_metrics(data_dir: Path) -> dict[str, str]:
    """With several web processes: an empty folder for their metrics, so that each process can report all of them."""
    if web_workers() == 1:
        return {}
    folder = data_dir / "metrics"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return {"PROMETHEUS_MULTIPROC_DIR": str(folder)}


def own_names(host: str) -> list[str]:
    """Addresses, besides the loopback's, that reach a server listening on `host`: those of the LAN for 0.0.0.0 and ::."""
    if host not in EVERYWHERE:
        return [] if host in {"localhost", "127.0.0.1", "::1"} else [in_url(host)]
    found = [address for interface in psutil.net_if_addrs().values() for address in interface]
    ipv4 = {each.address for each in found if each.family == socket.AF_INET and not each.address.startswith("127.")}
    return [*sorted(ipv4), socket.gethostname().lower()]


def by_rule(host: str) -> list[str]:
    """`private` when the server listens on a private network: the machine's address there may change while it runs."""
    return [PRIVATE] if host in EVERYWHERE or own_names(host) and is_private(in_url(host)) else []


def in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def manage(
    environment: dict[str, str], *arguments: str, stdout: int | None = None
) -> "subprocess.CompletedProcess[str]":
    """Runs one manage.py command. Raises StartError when it fails; the command has printed why."""
    command = [sys.executable, "manage.py", *arguments]
    done = subprocess.run(
        command, env=environment, cwd=env.BASE_DIR, stdin=subprocess.DEVNULL, stdout=stdout, text=True, check=False
    )
    if done.returncode:
        raise StartError(f"manage.py {arguments[0]} failed")
    return done


def set_up_demo(data_dir: Path, environment: dict[str, str]) -> bool:
    """Makes the demo venue once; returns whether this was the first start. Its sign-in stays in DATA_DIR/demo_sign_in."""
    kept = data_dir / "demo_sign_in"
    if kept.exists():
        return False
    try:
        done = manage(environment, "demo", "--setup-only", stdout=subprocess.PIPE)
    except StartError:
        say("The demo venue could not be made; going on without.")
        return False
    env.write_private(kept, done.stdout)
    return True


def supervise(data_dir: Path, environment: dict[str, str], *, replay: bool) -> int:
    """Runs the Procfile until KeyboardInterrupt (devserver/processes.py); returns 1 when the web cannot start."""
    commands = parse_procfile((env.BASE_DIR / "Procfile").read_text()).processes
    processes = Processes(commands, environment, vital="web", say=say)
    threading.Thread(target=greet, args=(data_dir, environment, processes, replay), daemon=True).start()

    def cannot_start() -> str:
        try:
            check_port(environment["HOST"], int(environment["PORT"]))
        except StartError as error:  # taken since the check
            return str(error)
        return ""

    return processes.run(cannot_start)


def greet(data_dir: Path, environment: dict[str, str], processes: Processes, replay: bool) -> None:
    """Waits for the web, prints its address and starts the replayed evening, whose failure does not matter."""
    host, port = environment["HOST"], environment["PORT"]
    remark_at = time.monotonic() + LATE_S
    while not answers("127.0.0.1" if host == "0.0.0.0" else "::1" if host == "::" else host, int(port)):  # noqa: S104
        if time.monotonic() > remark_at:
            say("The web server has not answered yet; it is waited for.")
            remark_at += LATE_S
        time.sleep(0.2)
    processes.works()
    shown = ["127.0.0.1", *own_names(host)] if host in EVERYWHERE else [in_url(host)]
    say("\nTallyline is at " + "  ".join(f"http://{name}:{port}/" for name in shown))
    kept = data_dir / "demo_sign_in"
    if kept.exists():
        say(kept.read_text().rstrip())
    say("Ctrl-C stops it.\n")
    if replay:
        spawn([sys.executable, "manage.py", "demo"], {**environment, "PROCESS_NAME": "demo"})


def answers(host: str, port: int) -> bool:
    """Whether GET /healthz is answered with less than 500; a refused Host counts as up."""
    connection = http.client.HTTPConnection(host, port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def end_marked(data_dir: Path) -> None:
    """Ends every process started for this DATA_DIR, also by a killed supervisor. The caller holds its lock."""
    left = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.pid != os.getpid() and process.environ().get(MARK) == str(data_dir):
                left.append(process)
    end(left, signal.SIGTERM, within_s=STOP_TIMEOUT_S)


if __name__ == "__main__":
    sys.exit(main())
