"""Sessions that visitors left: Streamlit keeps each for a while, and drops it only when another comes to be kept."""

from asyncio import AbstractEventLoop
from concurrent.futures import Future

from streamlit import runtime


def drop_left_sessions(loop: AbstractEventLoop) -> int:
    """Drop those whose time is over, on Streamlit's own loop; return how many: 0 once the app has ended."""
    dropped: Future[int] = Future()
    try:
        loop.call_soon_threadsafe(lambda: dropped.set_result(_drop()))
    except RuntimeError:  # the loop is closed
        return 0
    return dropped.result()


def _drop() -> int:
    try:
        # No public way leads there. Where this one ends, sessions stay as long as Streamlit keeps them.
        kept = runtime.get_instance()._session_mgr._session_storage._cache  # type: ignore[attr-defined]
        return len(kept.expire())
    except (AttributeError, RuntimeError):
        return 0
