"""The folder of the embedded default."""

import os
from typing import Any

from django.core.files.storage import FileSystemStorage


class WholeFiles(FileSystemStorage):
    """Files that are there whole or not at all, under the very name that was asked for.

    Django's own writes in place: a process that died would leave half a picture under a name that stands for all of it,
    and the second of two that write the same one would get another name.
    """

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        return name

    def _save(self, name: str, content: Any) -> str:
        target = self.path(name)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        part = f"{target}.{os.getpid()}-{os.urandom(4).hex()}.part"
        try:
            with open(part, "xb") as out:
                out.writelines(content.chunks())
                out.flush()
                os.fsync(out.fileno())
            os.replace(part, target)
        except BaseException:
            if os.path.exists(part):
                os.unlink(part)
            raise
        return name
