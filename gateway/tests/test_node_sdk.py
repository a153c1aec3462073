"""The official Node SDK, unmodified, against the gateway."""

import os
import shutil
import subprocess
from pathlib import Path

from gateway.tests.conftest import KEY, SECRET, Gateway

E2E = Path(__file__).parents[2] / "web" / "e2e"


def test_the_node_sdk_pays_captures_refunds_lists_and_is_refused(gateway: Gateway) -> None:
    node = shutil.which("node")
    assert node, "make test brings Node; run this by `make test-python`"
    ran = subprocess.run(
        [node, str(Path(__file__).with_name("node_sdk.mjs")), str(E2E), gateway.url],
        env=os.environ | {"KEY_ID": KEY, "KEY_SECRET": SECRET},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ran.returncode == 0, ran.stderr
