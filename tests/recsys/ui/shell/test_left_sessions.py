import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[4]

# A Streamlit runtime with an abandoned session.
LEFT = """
import asyncio, sys
from types import SimpleNamespace
import streamlit as st
from streamlit import config
from recsys.ui.shell.left_sessions import drop_left_sessions

config.set_option("server.disconnectedSessionTTL", int(sys.argv[1]))
runtime = st.App("recsys/ui/shell/router.py")._create_runtime()
runtime._session_mgr._session_storage.save(SimpleNamespace(session=SimpleNamespace(id="left")))

async def drop():
    return await asyncio.to_thread(drop_left_sessions, asyncio.get_running_loop())

print(asyncio.run(drop()), asyncio.run(drop()))
ended = asyncio.new_event_loop()
ended.close()
print(drop_left_sessions(ended))
"""


@pytest.mark.parametrize(("seconds_kept", "dropped"), [(0, "1 0"), (60, "0 0")])
def test_a_session_that_was_left_is_dropped_once_its_time_is_over(seconds_kept: int, dropped: str) -> None:
    command = [sys.executable, "-c", LEFT, str(seconds_kept)]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert ran.stdout.split("\n")[:2] == [dropped, "0"]
