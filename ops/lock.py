"""`python -m ops.lock`: write the hashed locks from `requirements*.in`, and npm's from the `package.json` files.

Nothing in them may name a registry or a folder of the machine they were made on.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys

from ops.paths import BACKEND, WEB, tool_path

UV = (
    "uv", "pip", "compile", "--quiet", "--generate-hashes", "--no-header", "--no-emit-index-url",
    "--no-emit-find-links", "--universal", "--python-version", "3.11",
)  # fmt: skip


def main() -> None:
    environment = os.environ | {"PATH": tool_path()}
    for name, more in (("requirements", ()), ("requirements-dev", ("-c", "requirements.txt"))):
        command = [*UV, *more, f"{name}.in", "-o", f"{name}.txt", *sys.argv[1:]]
        subprocess.run(command, cwd=BACKEND, env=environment, check=True)
    subprocess.run(["npm", "install", "--package-lock-only"], cwd=WEB, env=environment, check=True)
    for lock in (BACKEND / "requirements.txt", BACKEND / "requirements-dev.txt", WEB / "package-lock.json"):
        addresses = re.findall(r'"resolved": "http|--(?:extra-)?index-url|--find-links|file://', lock.read_text())
        if addresses:
            sys.exit(f"{lock} names where it was made from: {addresses[0]}")


if __name__ == "__main__":
    main()
