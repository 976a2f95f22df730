"""Record types that threads use are looked at first."""

from __future__ import annotations

import subprocess
import sys

CHAIN = """
import sys, threading, time, types
import msgspec
from sovereign_registry.contracts.first_use import look_at

sys.setswitchinterval(1e-6)
LONG = 40
source = "from __future__ import annotations\\nimport msgspec\\n"
for number in range(LONG):
    inner = f"C{number + 1}" if number + 1 < LONG else "int"
    source += f"class C{number}(msgspec.Struct):\\n    a: str\\n    b: {inner}\\n"
module = sys.modules["chain"] = types.ModuleType("chain")
exec(source, module.__dict__)
data = b"1"
for _ in range(LONG):
    data = b'{"a":"x","b":' + data + b"}"
look_at(module.C0)
barrier = threading.Barrier(4)

def decode(wait):
    barrier.wait()
    time.sleep(wait)
    for _ in range(20):
        msgspec.json.decode(data, type=module.C0)

threads = [threading.Thread(target=decode, args=(0.0005 * number,)) for number in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
"""


def test_threads_that_decode_a_type_looked_at_live() -> None:
    """Without the look, two of three such processes end with a segmentation fault."""
    for _ in range(5):
        done = subprocess.run([sys.executable, "-c", CHAIN], check=False, capture_output=True)
        assert (0, b"") == (done.returncode, done.stderr)
