"""A browser's tab without a browser: what it sends and what it is sent, over a real websocket."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets import Subprotocol

PATIENCE_SECONDS = 120
FAILURES = (OSError, TimeoutError, httpx.HTTPError, websockets.WebSocketException)
"""What a visit may end with."""

_EVENTS = "$$STREAMLIT_INTERNAL_KEY_{}__events"
_INTAKE = "-search_intake"
_PROTOCOL = Subprotocol("streamlit")


class Tab:
    """A page of the app that is open; `opened_tab` opens one."""

    def __init__(self, server: websockets.ClientConnection) -> None:
        self._server = server
        self._intake = ""

    async def show(self, query: str = "") -> list[str]:
        """Ask for the search page at this query of its address; return the errors on it once it is drawn."""
        message = BackMsg()
        message.rerun_script.query_string = query
        return await self._drawn(message)

    async def send_photo(self, photo: bytes) -> list[str]:
        """Give the page a photo, as its own component does; return the errors on it once it is drawn anew."""
        content = base64.b64encode(photo).decode()
        events = [{"event": "photo", "value": {"origin": "upload", "content": content}}]
        message = BackMsg()
        message.rerun_script.query_string = ""
        states = message.rerun_script.widget_states.widgets
        states.append(WidgetState(id=self._intake, json_value="{}"))
        states.append(WidgetState(id=_EVENTS.format(self._intake), json_trigger_value=json.dumps(events)))
        return await self._drawn(message)

    async def _drawn(self, message: BackMsg) -> list[str]:
        errors = []
        await self._server.send(message.SerializeToString())
        while True:
            answer = ForwardMsg.FromString(await asyncio.wait_for(self._server.recv(), PATIENCE_SECONDS))
            kind = answer.WhichOneof("type")
            if kind == "delta":
                element = answer.delta.new_element
                shown = element.WhichOneof("type")
                if shown == "bidi_component" and _INTAKE in element.bidi_component.id:
                    self._intake = element.bidi_component.id
                if shown == "exception" or (shown == "alert" and element.alert.format == element.alert.ERROR):
                    errors.append(f"a page with an error: {element}"[:200])
            # Two finished runs may follow each other where a callback or a rerun ends the first.
            if kind == "script_finished" and answer.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY:
                return errors


@asynccontextmanager
async def opened_tab(address: str) -> AsyncIterator[Tab]:
    """Open the search page, where there is a box to put a photo into."""
    async with httpx.AsyncClient() as browser:  # the page's cookie tells one browser from another
        await browser.get(address, timeout=PATIENCE_SECONDS)
    cookies = {"Cookie": "; ".join(f"{cookie.name}={cookie.value}" for cookie in browser.cookies.jar)}
    socket = address.replace("http", "ws", 1) + "/_stcore/stream"
    connecting = websockets.connect(
        socket, max_size=None, subprotocols=[_PROTOCOL], open_timeout=60, additional_headers=cookies
    )
    async with connecting as server:
        tab = Tab(server)
        await tab.show()
        yield tab
