"""The app's log: lines on standard error, which the system keeps and rotates."""

import logging


def write_log() -> None:
    """Write one line per event to the log, without the time: docs/privacy.md says why."""
    log = logging.getLogger("recsys")
    if not log.handlers:
        log.addHandler(logging.StreamHandler())
        log.setLevel(logging.INFO)
