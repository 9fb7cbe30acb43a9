"""Addresses without their secrets, for whatever is shown, logged or kept."""

import re

MASK = "***"

# Both also match where the @ or the value is missing, and then nothing is masked: what cannot be a secret is read once,
# not again from each of its letters, however long a shop's address is.
# A password may hold an unescaped @, and even a slash, which a port cannot.
_CREDENTIALS = re.compile(r"(?<=//)(?:[^\s/?#@:\"'<>]*:(?!\d*[/?#])[^\s@\"'<>]*@?)?(?:[^\s/?#\"'<>]*@)?")
_SECRET = re.compile(
    r"(?P<name>(?:token|secret|passw|passphrase|pwd|signature|api[-_]?key|access[-_]?key|credential|auth|session|jwt)"
    r"[\w.%-]*|(?<=[?&;#])(?:key|pass|code|sig|sid|hmac)(?==))(?P<value>=[^\s&;#\"'<>]+)?",
    re.IGNORECASE,
)


def mask(text: str) -> str:
    """Return the text with `***` for the credentials and the secret parameters of every address in it.

    Takes any text, an error's for one; what is masked already stays as it is.
    """
    without_credentials = _CREDENTIALS.sub(lambda found: f"{MASK}@" if found[0].endswith("@") else found[0], text)
    return _SECRET.sub(lambda found: f"{found['name']}={MASK}" if found["value"] else found[0], without_credentials)
