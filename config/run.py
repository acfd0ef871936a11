"""`python -m config.run`: everything on one machine. What `make run` calls once the packages are there.

Embedded servers, migrations, static files, a demo venue at first start, then the Procfile's processes until Ctrl-C.
The format of the Procfile is honcho's; its Manager is not used, because it forks processes that would hold our lock,
and a signal in its first moments leaves orphans.
"""

import http.client
import os
import queue
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

from config import environment as env
from config.embedded import StartError, servers

# Marks every process started here, with DATA_DIR as its value: so what a killed supervisor left behind is found again.
MARK = "TALLYLINE_SUPERVISOR"
START_TIMEOUT_S = 90.0
STOP_TIMEOUT_S = 10.0
# A process that ends is started again after the pause; one that ends this often within STEADY_S each cannot run here.
RESTART_PAUSE_S = 0.5
STEADY_S = 20.0
MOST_FAILURES = 4
EVERYWHERE = {"0.0.0.0", "::"}  # noqa: S104 — compared with, not bound to


def main() -> int:
    """0 after Ctrl-C or SIGTERM; 1 when something cannot start or does not stay up."""
    try:
        data_dir = env.data_dir()
        host, port = env.text("HOST", "127.0.0.1"), env.number("PORT", 8000)
        environment = child_environment(data_dir, host, port)
        # Never by itself in a database somebody gave us.
        demo = env.flag("DEMO", default=not env.text("DATABASE_URL"))
    except ValueError as error:
        print(error, file=sys.stderr)
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
    """The environment of every process started here: defaults spelt out, our interpreter's programs first on PATH."""
    environment = {
        **os.environ,
        "DATA_DIR": str(data_dir),
        "HOST": host,
        "PORT": str(port),
        "WEB_WORKERS": str(env.number("WEB_WORKERS", 1)),
        **shared_metrics(data_dir),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "PYTHONUNBUFFERED": "1",
        MARK: str(data_dir),
    }
    if not env.words("ALLOWED_HOSTS"):
        environment["ALLOWED_HOSTS"] = ",".join(["localhost", "127.0.0.1", "[::1]", *own_names(host)])
    return environment


def shared_metrics(data_dir: Path) -> dict[str, str]:
    """With several web processes: an empty folder in which each keeps its figures, so that any can tell all of them."""
    if env.number("WEB_WORKERS", 1) == 1:
        return {}
    folder = data_dir / "metrics"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return {"PROMETHEUS_MULTIPROC_DIR": str(folder)}


def own_names(host: str) -> list[str]:
    """Names, besides the loopback's, under which a server on `host` is reached: the LAN's for 0.0.0.0 and ::."""
    if host not in EVERYWHERE:
        return [] if host in {"localhost", "127.0.0.1", "::1"} else [in_url(host)]
    found = [address for interface in psutil.net_if_addrs().values() for address in interface]
    ipv4 = {each.address for each in found if each.family == socket.AF_INET and not each.address.startswith("127.")}
    return [*sorted(ipv4), socket.gethostname().lower()]


def in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def manage(environment: dict[str, str], *arguments: str) -> None:
    """Run one command of manage.py. Raises StartError when it fails; it has said why itself."""
    command = [sys.executable, "manage.py", *arguments]
    if subprocess.run(command, env=environment, cwd=env.BASE_DIR, stdin=subprocess.DEVNULL, check=False).returncode:
        raise StartError(f"manage.py {arguments[0]} failed")


def set_up_demo(data_dir: Path, environment: dict[str, str]) -> bool:
    """Make the demo venue, once; whether this was the first start. Its sign-in stays in DATA_DIR/demo_sign_in."""
    kept = data_dir / "demo_sign_in"
    if kept.exists():
        return False
    command = [sys.executable, "manage.py", "demo", "--setup-only"]
    done = subprocess.run(
        command,
        env=environment,
        cwd=env.BASE_DIR,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        say("The demo venue could not be made; going on without.")
        return False
    scratch = kept.with_suffix(".new")
    scratch.touch(0o600)
    scratch.write_text(done.stdout)
    scratch.rename(kept)
    return True


def supervise(data_dir: Path, environment: dict[str, str], *, replay: bool) -> int:
    """Run the Procfile until KeyboardInterrupt; a process that ends is started again, for the others need it.

    Returns 1 when one keeps ending (MOST_FAILURES times in a row, each within STEADY_S), or the web never answers.
    Ends all of them.
    """
    commands = parse_procfile((env.BASE_DIR / "Procfile").read_text()).processes
    ended: queue.SimpleQueue[tuple[str, int]] = queue.SimpleQueue()
    children: dict[str, subprocess.Popen[bytes]] = {}
    started: dict[str, float] = {}
    failures = dict.fromkeys(commands, 0)

    def start(name: str) -> None:
        child = spawn(["/bin/sh", "-c", commands[name]], {**environment, "PROCESS_NAME": name})
        children[name], started[name] = child, time.monotonic()
        threading.Thread(target=lambda: ended.put((name, child.wait())), daemon=True).start()

    try:
        for name in commands:
            start(name)
        threading.Thread(target=greet, args=(data_dir, environment, ended, replay), daemon=True).start()
        while True:
            name, code = ended.get()
            if name not in commands:
                print(f"{name} did not answer; stopping everything", file=sys.stderr, flush=True)
                return 1
            failures[name] = 1 if time.monotonic() - started[name] > STEADY_S else failures[name] + 1
            if failures[name] >= MOST_FAILURES:
                print(f"{name} keeps ending (code {code}); stopping everything", file=sys.stderr, flush=True)
                return 1
            print(f"{name} ended (code {code}); starting it again", file=sys.stderr, flush=True)
            time.sleep(RESTART_PAUSE_S)
            start(name)
    finally:
        say("Stopping ...")
        stop(list(children.values()))


def spawn(command: list[str], environment: dict[str, str]) -> subprocess.Popen[bytes]:
    """A child in a session of its own: Ctrl-C reaches the supervisor alone, a signal to its group all it started."""
    return subprocess.Popen(
        command, env=environment, cwd=env.BASE_DIR, stdin=subprocess.DEVNULL, start_new_session=True
    )


def stop(children: list[subprocess.Popen[bytes]]) -> None:
    """SIGTERM to each, then SIGKILL to the group of each that is still there after STOP_TIMEOUT_S together."""
    for child in children:
        child.terminate()
    deadline = time.monotonic() + STOP_TIMEOUT_S
    for child in children:
        try:
            child.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            with suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            child.wait()


def greet(
    data_dir: Path, environment: dict[str, str], ended: "queue.SimpleQueue[tuple[str, int]]", replay: bool
) -> None:
    """Wait for the web, then say where it is and start the replayed evening; it may fail without harm."""
    host, port = environment["HOST"], environment["PORT"]
    deadline = time.monotonic() + START_TIMEOUT_S
    while not answers("127.0.0.1" if host == "0.0.0.0" else "::1" if host == "::" else host, int(port)):  # noqa: S104
        if time.monotonic() > deadline:
            ended.put(("The web server", 1))
            return
        time.sleep(0.2)
    shown = ["127.0.0.1", *own_names(host)] if host in EVERYWHERE else [in_url(host)]
    say("\nTallyline is at " + "  ".join(f"http://{name}:{port}/" for name in shown))
    kept = data_dir / "demo_sign_in"
    if kept.exists():
        say(kept.read_text().rstrip())
    say("Ctrl-C stops it.\n")
    if replay:
        spawn([sys.executable, "manage.py", "demo"], {**environment, "PROCESS_NAME": "demo"})


def answers(host: str, port: int) -> bool:
    """Whether GET /healthz is answered, be it with a refusal of this Host; 5xx is not yet up."""
    connection = http.client.HTTPConnection(host, port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def end_marked(data_dir: Path) -> None:
    """End every process started here for this DATA_DIR, also by a supervisor that was killed. We hold its lock."""
    left = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.pid != os.getpid() and process.environ().get(MARK) == str(data_dir):
                process.terminate()
                left.append(process)
    _, stubborn = psutil.wait_procs(left, timeout=STOP_TIMEOUT_S)
    for process in stubborn:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(stubborn)


if __name__ == "__main__":
    sys.exit(main())
