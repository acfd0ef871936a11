"""Real proxies with the configurations of docs/proxies.md, on loopback ports, before a running installation."""

import os
import shutil
import signal
import socket
import subprocess
from pathlib import Path

from tests.deploy.nginx import MAIN
from tests.deploy.nginx import executable as nginx_executable
from tests.installation import free_port, wait_until
from web.proxies.help import snippet

MODULES = Path("/usr/lib/apache2/modules")
# What `a2enmod` of the page switches on, and what Debian has on anyway.
LOADED = (
    "mpm_event", "authz_core", "unixd", "reqtimeout", "filter", "deflate", "headers", "alias", "setenvif", "socache_shmcb",
    "ssl", "http2", "proxy", "proxy_http", "proxy_wstunnel",
)  # fmt: skip
APACHE = """
ServerRoot {folder}
PidFile {folder}/apache.pid
DefaultRuntimeDir {folder}
Mutex file:{folder}
ErrorLog {folder}/error.log
LogLevel warn
ServerName localhost
{user}
{modules}
Listen 127.0.0.1:{port}
Listen 127.0.0.1:{tls_port}
{site}
"""
BARE = """
<VirtualHost *:443>
    ServerName line.example.com
    SSLEngine on
    SSLCertificateFile /etc/ssl/line.example.com.pem
    SSLCertificateKeyFile /etc/ssl/line.example.com.key
    ProxyPass / http://127.0.0.1:8000/
    ProxyPassReverse / http://127.0.0.1:8000/
</VirtualHost>
"""


def apache_executable() -> str:
    """The path of Apache. AssertionError when there is none: `make test` installs it on Debian."""
    found = shutil.which("apache2", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    assert found, "Apache is missing (Debian: apt-get install apache2-bin)"
    return found


class Documented:
    """`kind`: "apache", "nginx", or "bare", which is Apache as people write it who read no page. For the name localhost."""

    def __init__(self, kind: str, folder: Path, upstream: int, certificate: Path, key: Path) -> None:
        self.port, self.tls_port, self._log = free_port(), free_port(), folder / "proxy.log"
        site = BARE if kind == "bare" else snippet(kind)
        for shipped, here in (
            ("/etc/ssl/line.example.com.pem", str(certificate)),
            ("/etc/ssl/line.example.com.key", str(key)),
            ("127.0.0.1:8000", f"127.0.0.1:{upstream}"),
            ("*:443", f"127.0.0.1:{self.tls_port}"),
            ("*:80", f"127.0.0.1:{self.port}"),
            ("listen 443", f"listen 127.0.0.1:{self.tls_port}"),
            ("listen 80", f"listen 127.0.0.1:{self.port}"),
            ("line.example.com", "localhost"),
        ):
            site = site.replace(shipped, here)
        root = os.geteuid() == 0
        if kind == "nginx":
            (folder / "site.conf").write_text(site)
            text = MAIN.format(folder=folder, user="user root;" if root else "", more="")
            self._command = [nginx_executable(), "-p", str(folder), "-c", str(folder / "main.conf")]
        else:
            modules = "\n".join(
                f"LoadModule {name}_module {MODULES}/mod_{name}.so"
                for name in LOADED
                if (MODULES / f"mod_{name}.so").exists()
            )
            user = "User www-data\nGroup www-data" if root else ""
            text = APACHE.format(
                folder=folder, user=user, modules=modules, site=site, port=self.port, tls_port=self.tls_port
            )
            self._command = [apache_executable(), "-f", str(folder / "main.conf"), "-DFOREGROUND"]
        (folder / "main.conf").write_text(text)
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """https://localhost:port."""
        return f"https://localhost:{self.tls_port}"

    def start(self) -> "Documented":
        """Starts it and waits until it listens."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(self._command, stdout=log, stderr=log, start_new_session=True)
        wait_until(self._listens, what="the proxy to listen")
        return self

    def stop(self) -> None:
        """Ends it at once, with its workers: Apache would wait for streams."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(10)

    def _listens(self) -> bool:
        assert self._process is not None
        logs = [self._log, self._folder / "error.log"]
        assert self._process.poll() is None, "".join(path.read_text() for path in logs if path.exists())
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.tls_port)) == 0
