"""Builds images with buildah in chroot isolation, and mounts them. Their base is a Debian made by debootstrap."""

import json
import os
import platform
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any, Self

from tests.deploy.tree import Tree
from tests.installation import ROOT

BASE, IMAGE, SERVERS = "localhost/tallyline-base", "localhost/tallyline", "localhost/tallyline-servers"
# As in the slim images: no manuals, no translations, no package lists.
LEFT_OUT = (
    "usr/share/doc",
    "usr/share/man",
    "usr/share/locale",
    "usr/share/info",
    "var/cache/apt",
    "var/lib/apt/lists",
)
# How this machine reaches the registries of packages, where it is told so; the build sees them, the image does not have them.
REACHED_BY = {"/etc/pip.conf": "/etc/pip.conf", "/etc/npmrc": "/root/.npmrc", "/etc/ssl/certs/ca-certificates.crt": ""}


def buildah(*arguments: str) -> str:
    """Runs buildah and returns what it prints. Raises AssertionError when it fails; it has said why."""
    environment = {**os.environ, "BUILDAH_ISOLATION": "chroot"}
    done = subprocess.run(
        ["buildah", *arguments], env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False
    )
    assert done.returncode == 0, f"buildah {arguments[0]} failed"
    return done.stdout.strip()


def build() -> None:
    """The base and the servers once, the image each time (pip's part is kept between builds)."""
    if not _there(BASE):
        _make_base()
    if not _there(SERVERS):
        _make_servers()
    mounts = [f"--volume={here}:{there or here}:ro" for here, there in REACHED_BY.items() if Path(here).exists()]
    buildah(
        "build",
        "--layers",
        "--format=docker",
        *mounts,
        f"--build-arg=BASE={BASE}",
        "-f",
        "deploy/Containerfile",
        "-t",
        IMAGE,
        ".",
    )


def _there(name: str) -> bool:
    return (
        subprocess.run(["buildah", "inspect", "--type=image", name], capture_output=True, check=False).returncode == 0
    )


def _make_base() -> None:
    codename = platform.freedesktop_os_release().get("VERSION_CODENAME", "bookworm")
    with tempfile.TemporaryDirectory(prefix="tallyline-base-") as folder:
        packages = "--include=python3,python3-venv,ca-certificates"
        subprocess.run(
            ["debootstrap", "--variant=minbase", packages, codename, folder], check=True, stdout=subprocess.DEVNULL
        )
        for each in LEFT_OUT:
            shutil.rmtree(Path(folder, each), ignore_errors=True)
        # Nothing that is installed into it is started.
        Path(folder, "usr/sbin/policy-rc.d").write_text("#!/bin/sh\nexit 101\n")
        Path(folder, "usr/sbin/policy-rc.d").chmod(0o755)
        container = buildah("from", "scratch")
        buildah("add", "--quiet", container, folder, "/")
        buildah("commit", "--quiet", "--rm", container, BASE)


def _make_servers() -> None:
    container = buildah("from", BASE)
    install = "apt-get -qq update && apt-get -qq install -y --no-install-recommends postgresql redis-server >/dev/null"
    buildah(
        "run",
        container,
        "--",
        "sh",
        "-c",
        f"mkdir -p /var/cache/apt/archives/partial /var/lib/apt/lists/partial; {install}",
    )
    buildah("commit", "--quiet", "--rm", container, SERVERS)


class Image:
    """A container of an image, mounted at `root`. `config` is the image's own (OCI image specification)."""

    def __init__(self, name: str) -> None:
        self._container = buildah("from", name)
        self.root = Path(buildah("mount", self._container))
        self.config: dict[str, Any] = json.loads(buildah("inspect", self._container))["Docker"]["config"]
        self.tree = Tree(self.root, self.config.get("WorkingDir") or "/")
        self.user: str = self.config.get("User") or ""
        self.environment = dict(each.split("=", 1) for each in self.config.get("Env") or [])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        buildah("rm", self._container)


def sizes(root: Path) -> dict[str, float]:
    """MB of the files of each part of an image, by name, as container engines count them; each file counts once."""
    program = root / "srv/tallyline"
    packages = next(program.glob(".venv/lib/python*/site-packages"))
    fonts = [*packages.glob("fontpkg*"), *packages.glob("manimgx_fonts*")]
    parts = {
        "fonts of posters and pictures": fonts,
        "other Python packages": [packages],
        "the program": [program],
        "Debian and Python": [root],
    }
    counted: set[tuple[int, int]] = set()
    return {name: sum(_new_mb(path, counted) for path in paths) for name, paths in parts.items()}


def _new_mb(path: Path, counted: set[tuple[int, int]]) -> float:
    whole = 0
    for folder, _, files in os.walk(path):
        for file in files:
            found = os.lstat(os.path.join(folder, file))
            if (key := (found.st_dev, found.st_ino)) not in counted:
                counted.add(key)
                whole += found.st_size
    return whole / 1e6
