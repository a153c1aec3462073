"""E-mail backend that writes each mail to an `.eml` file in a folder, for the demo and for tests.

Mails contain links that open accounts and orders, so the folder and its files are accessible to their owner only.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.message import EmailMessage

from noirel.core.domain.ids import uuid7


class FolderBackend(BaseEmailBackend):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.folder = Path(settings.MAIL_FOLDER)

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.folder.chmod(0o700)
        for message in email_messages:
            name = uuid7().hex  # sorts by time
            # Renamed when complete, so that readers of the folder never see a partial file.
            part = self.folder / f".{name}.part"
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(message.message().as_bytes())
            part.rename(self.folder / f"{name}.eml")
        return len(email_messages)
