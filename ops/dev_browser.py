"""`python -m ops.dev_browser`: `make dev` in a real browser, on the first visit after an installation.

The stories edit source files, so the shop runs from a copy of this tree in the run folder, with caches of its own.
"""

from __future__ import annotations

import os
import shutil
import sys
import time
from pathlib import Path

from ops.browser import run_stories
from ops.paths import ROOT, WEB, run_dir


def main() -> None:
    run = run_dir() / "e2e-dev"
    shutil.rmtree(run, ignore_errors=True)
    began = time.monotonic()
    tree = copy_tree(run / "tree")
    print(f"  Copied the tree in {time.monotonic() - began:.1f} s.", flush=True)
    sys.exit(
        run_stories(run, tree=tree, shop_arguments=["--dev"], arguments=["--config", "dev.config.ts", *sys.argv[1:]])
    )


def copy_tree(tree: Path) -> Path:
    """Copy what the stories may edit; link the rest. Nothing is shared that Vite writes to."""
    tree.mkdir(parents=True)
    for package in ("backend", "gateway", "demo"):
        (tree / package).symlink_to(ROOT / package, target_is_directory=True)
    shutil.copytree(ROOT / "ops", tree / "ops", ignore=shutil.ignore_patterns("__pycache__"))
    made = shutil.ignore_patterns("node_modules", "build", "dist", ".react-router", "test-results", "*.tsbuildinfo")
    shutil.copytree(WEB, tree / "web", ignore=made)
    caches = shutil.ignore_patterns(".vite*", ".cache")
    shutil.copytree(
        WEB / "node_modules", tree / "web" / "node_modules", symlinks=True, ignore=caches, copy_function=link_or_copy
    )
    return tree


def link_or_copy(source: str, target: str) -> None:
    """A hard link, or a copy where the run folder is on another file system."""
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:
        shutil.copy2(source, target, follow_symlinks=False)


if __name__ == "__main__":
    main()
