"""`python -m noirel.config.check`: read every setting, and name in one line the first that is wrong.

It ends with EX_CONFIG (78) then, as every part of the shop does, which tells a supervisor that a restart won't help.
With `--connect` it also opens a connection to the database. It makes the folders for pictures and mail.
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path

import psycopg
from django.core.exceptions import ImproperlyConfigured

CONNECT_SECONDS = 10


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m noirel.config.check")
    parser.add_argument("--connect", action="store_true", help="also connect to DATABASE_URL's server")
    given = parser.parse_args()
    try:
        from noirel.config import settings

        _make_folders({
            "MEDIA_ROOT": settings.MEDIA_ROOT if not settings.MEDIA_BUCKET else "",
            "MEDIA_INBOX": settings.MEDIA_INBOX if not settings.MEDIA_BUCKET else "",
            "EMAIL_URL": settings.MAIL_FOLDER,
        })  # fmt: skip
        if given.connect:
            _connect(settings.DATABASES["default"])
    except ImproperlyConfigured as wrong:
        sys.stderr.write(f"{wrong}\n")
        sys.exit(os.EX_CONFIG)


def _make_folders(folders: dict[str, str]) -> None:
    """Raises ImproperlyConfigured for a folder that can't be made or written to."""
    for name, folder in folders.items():
        if not folder:
            continue
        try:
            Path(folder).mkdir(mode=0o700, parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                pass
        except OSError as error:
            raise ImproperlyConfigured(f"{name}: nothing can be written to {folder} ({error.strerror}).") from None


def _connect(database: dict[str, object]) -> None:
    """Raises ImproperlyConfigured if the server doesn't take a connection."""
    names = {"HOST": "host", "PORT": "port", "USER": "user", "PASSWORD": "password", "NAME": "dbname"}
    options = {option: str(database[name]) for name, option in names.items() if database[name]}
    try:
        psycopg.connect(connect_timeout=CONNECT_SECONDS, **options).close()  # type: ignore[arg-type]
    except psycopg.OperationalError as error:
        reason = " ".join(str(error).split())
        raise ImproperlyConfigured(f"DATABASE_URL: PostgreSQL doesn't take a connection: {reason}") from None


if __name__ == "__main__":
    main()
