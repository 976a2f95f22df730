"""The site of the registry that ships passes the reader's own check."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from tests.cli.console import call

ROOT = Path(__file__).resolve().parents[2]


def test_the_shipped_site_verifies_without_a_false_alarm(tmp_path: Path) -> None:
    """Superseded, questioned and retracted records included."""
    root = tmp_path / "registry"
    shutil.copytree(ROOT / "manifests", root / "manifests")
    built = call("build", "--registry", str(root), "--quiet")
    assert built.returncode == 0, built.stderr
    done = call("verify", str(root / "output"), "--json")
    assert done.returncode == 0, done.stdout
    assert json.loads(done.stdout)["faults"] == []
