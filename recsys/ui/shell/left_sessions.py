"""Sessions whose visitors have left: no work is done for them, although Streamlit keeps each for a while."""

from asyncio import AbstractEventLoop
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial

from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx


def is_there() -> Callable[[], bool]:
    """A function that says, from any thread, whether the visitor whose script runs now still has the page open."""
    context = get_script_run_ctx()
    if context is None or not runtime.exists():
        return lambda: True
    return partial(runtime.get_instance().is_active_session, context.session_id)


def drop_left_sessions(loop: AbstractEventLoop) -> int:
    """Drop expired sessions, on Streamlit's own loop; return how many: 0 once the app has ended."""
    dropped: Future[int] = Future()
    try:
        loop.call_soon_threadsafe(lambda: dropped.set_result(_drop()))
    except RuntimeError:  # the loop is closed
        return 0
    return dropped.result()


def _drop() -> int:
    try:
        # There is no public access. If this stops working, sessions stay as long as Streamlit keeps them.
        kept = runtime.get_instance()._session_mgr._session_storage._cache  # type: ignore[attr-defined]
        return len(kept.expire())
    except (AttributeError, RuntimeError):
        return 0
