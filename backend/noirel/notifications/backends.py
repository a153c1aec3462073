"""Mail into a folder, one `.eml` file each: for the demo and for tests."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.message import EmailMessage

from noirel.core.ids import uuid7


class FolderBackend(BaseEmailBackend):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.folder = Path(settings.MAIL_FOLDER)

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        self.folder.mkdir(parents=True, exist_ok=True)
        for message in email_messages:
            name = uuid7().hex  # sorts by time
            # Renamed when complete: who watches the folder never reads half a mail.
            part = self.folder / f".{name}.part"
            part.write_bytes(message.message().as_bytes())
            part.rename(self.folder / f"{name}.eml")
        return len(email_messages)
