"""Addresses without their secrets, for whatever is shown, logged or kept."""

import re

MASK = "***"

# A password may hold an unescaped @, and even a slash, which a port cannot.
_CREDENTIALS = re.compile(r"(?<=//)(?:[^\s/?#@:\"'<>]*:(?!\d*[/?#])[^\s@\"'<>]*@)?(?:[^\s/?#\"'<>]*@)?")
_SECRET = re.compile(
    r"(?P<name>(?<![\w.-])[\w.%-]*(?:token|secret|passw|passphrase|pwd|signature|api[-_]?key|access[-_]?key"
    r"|credential|auth|session|jwt)[\w.%-]*|(?<=[?&;#])(?:key|pass|code|sig|sid|hmac))=[^\s&;#\"'<>]+",
    re.IGNORECASE,
)


def mask(text: str) -> str:
    """Return the text with `***` for the credentials and the secret parameters of every address in it.

    Takes any text, an error's for one; what is masked already stays as it is.
    """
    without_credentials = _CREDENTIALS.sub(lambda found: f"{MASK}@" if found[0] else "", text)
    return _SECRET.sub(lambda found: f"{found['name']}={MASK}", without_credentials)
