"""The port's sandbox: bubblewrap, in the one configuration that ``plan`` describes."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time

from sovereign_registry.adapters.sealing.plan import Unsealable, plan, this_interpreter
from sovereign_registry.adapters.sealing.preflight import prove
from sovereign_registry.adapters.sealing.supervise import execute
from sovereign_registry.contracts.sealing import (
    Ended,
    Preflight,
    SealCheck,
    SealedJob,
    SealedOutcome,
)

OLDEST = (0, 8, 0)
"""The first bubblewrap with ``--disable-userns``."""
INSTALL = "As root: apt-get install bubblewrap (0.8 or newer: Debian 12, Ubuntu 24.04)."
_NAMESPACES_FIX = (
    "User namespaces are refused here. Ubuntu: give bwrap an AppArmor profile with 'userns,', or "
    "sysctl kernel.apparmor_restrict_unprivileged_userns=0. Debian: sysctl "
    "kernel.unprivileged_userns_clone=1 and user.max_user_namespaces above 0. In a container: "
    "start it so that it may make namespaces."
)
_USER_FIX = (
    "Run as an ordinary user: this root may not do what the seal needs, or keeps files to itself."
)
_FIXES = (
    ("change from root", _USER_FIX),
    ("can't find source path", _USER_FIX),
    ("uid map", _NAMESPACES_FIX),
    ("namespace", _NAMESPACES_FIX),
    ("unshare", _NAMESPACES_FIX),
    ("mount", "Start the container so that it may mount: /proc of its own, or all of it unmasked."),
)
_OTHER_FIX = "Put right what it says; nothing is run unsealed."
_VERSION = re.compile(r"^bubblewrap (\d+)\.(\d+)\.(\d+)$")


class BubblewrapSandbox:
    """Runs jobs sealed by bubblewrap; where that cannot be, it runs nothing.

    Args:
        tool: Name or path of bubblewrap.
    """

    def __init__(self, tool: str = "bwrap") -> None:
        self._tool = tool

    def run(self, job: SealedJob) -> SealedOutcome:
        """Run the job to its end or to its limits; see ``contracts.ports.Sandbox``."""
        began = time.monotonic()
        try:
            path, _ = self._find()
            ready = plan(job, path, this_interpreter())
        except Unsealable as stop:
            return _not_run(f"{stop.why}. {stop.fix}", time.monotonic() - began)
        except OSError as error:
            return _not_run(f"the job cannot be read: {error}", time.monotonic() - began)
        return execute(ready)

    def preflight(self) -> Preflight:
        """Prove by canaries that a run here is sealed; see ``contracts.ports.Sandbox``."""
        system = os.uname()
        kernel = f"{system.sysname} {system.release} {system.machine}"
        try:
            _, name = self._find()
        except Unsealable as stop:
            return _unavailable("", kernel, (), stop.why, stop.fix)
        checks, why = prove(self.run)
        failed = [one.name for one in checks if not one.passed]
        if why:
            return _unavailable(name, kernel, checks, why, fix_of(why))
        if failed:
            why = f"the seal does not hold: {', '.join(failed)}"
            return _unavailable(name, kernel, checks, why, "Nothing is run here until it does.")
        return Preflight(available=True, tool=name, kernel=kernel, checks=checks, why="", fix="")

    def _find(self) -> tuple[str, str]:
        """Path and name of bubblewrap.

        Raises:
            Unsealable: it is not there, does not start, or is too old.
        """
        path = shutil.which(self._tool)
        if path is None:
            raise Unsealable("bubblewrap is not installed", INSTALL)
        try:
            told = subprocess.run(  # noqa: S603 - our own command, by its path
                [path, "--version"], capture_output=True, timeout=10, check=False, env={}
            ).stdout
        except (OSError, subprocess.TimeoutExpired) as error:
            raise Unsealable(f"{path} does not start: {error}", INSTALL) from error
        name = told.decode("utf-8", "replace").strip()
        version = _VERSION.match(name)
        if version is None or tuple(map(int, version.groups())) < OLDEST:
            raise Unsealable(
                f"{path} calls itself {name[:80]!r}; 0.8.0 or newer is needed", INSTALL
            )
        return path, name


def fix_of(why: str) -> str:
    """What the owner can do where bubblewrap could not make the seal, by its own words."""
    words = why.lower()
    return next((fix for sign, fix in _FIXES if sign in words), _OTHER_FIX)


def _unavailable(
    tool: str, kernel: str, checks: tuple[SealCheck, ...], why: str, fix: str
) -> Preflight:
    return Preflight(available=False, tool=tool, kernel=kernel, checks=checks, why=why, fix=fix)


def _not_run(why: str, seconds: float) -> SealedOutcome:
    return SealedOutcome(
        ended=Ended.UNAVAILABLE,
        exit_code=None,
        stdout=b"",
        stderr=b"",
        outputs={},
        wall_seconds=round(seconds, 3),
        peak_memory_bytes=None,
        why=why,
    )
