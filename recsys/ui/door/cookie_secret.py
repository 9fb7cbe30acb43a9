"""The secret that signs the app's cookies: from the settings, or stored in the data home."""

import os
import secrets
from functools import lru_cache
from pathlib import Path

from recsys.settings import Settings

_FILE = "cookie.key"


def cookie_secret(settings: Settings) -> str:
    """The secret, generated on first use; if the home cannot store it, it lasts as long as the app."""
    if settings.cookie_secret and settings.cookie_secret.get_secret_value():
        return settings.cookie_secret.get_secret_value()
    return _kept_secret(settings.records / _FILE)


@lru_cache(maxsize=4)
def _kept_secret(path: Path) -> str:
    try:
        if kept := path.read_text(encoding="ascii"):
            return kept
        path.unlink()  # left by a power cut: with an empty secret anybody could sign
    except OSError:
        pass
    secret = secrets.token_urlsafe(32)
    temporary = path.with_name(f".{_FILE}.{secrets.token_hex(8)}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(secret)
        try:
            os.link(temporary, path)  # all or nothing, and the first of several processes wins
        except FileExistsError:
            return path.read_text(encoding="ascii")
        finally:
            temporary.unlink()
    except OSError:
        return secret
    return secret
