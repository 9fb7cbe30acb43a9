"""The secret that the app's cookies are signed with: the settings', or one that the data home keeps."""

import os
import secrets
from functools import lru_cache
from pathlib import Path

from recsys.settings import Settings

_FILE = "cookie.key"


def cookie_secret(settings: Settings) -> str:
    """The secret, made when it is first asked for; where the home cannot keep it, one that lasts as long as the app."""
    if settings.cookie_secret and settings.cookie_secret.get_secret_value():
        return settings.cookie_secret.get_secret_value()
    return _kept_secret(settings.records / _FILE)


@lru_cache(maxsize=4)
def _kept_secret(path: Path) -> str:
    try:
        if kept := path.read_text(encoding="ascii"):
            return kept
        path.unlink()  # what a power cut left: with no secret at all anybody could sign
    except OSError:
        pass
    secret = secrets.token_urlsafe(32)
    temporary = path.with_name(f".{_FILE}.{secrets.token_hex(8)}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(secret)
        try:
            os.link(temporary, path)  # whole or not at all, and the first of several processes wins
        except FileExistsError:
            return path.read_text(encoding="ascii")
        finally:
            temporary.unlink()
    except OSError:
        return secret
    return secret
