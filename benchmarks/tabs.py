"""A browser's tab without a browser: what it sends and receives, over a real websocket."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import httpx
import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets import Subprotocol

PATIENCE_SECONDS = 120
FAILURES = (OSError, TimeoutError, httpx.HTTPError, websockets.WebSocketException)
"""How a visit may fail."""

_EVENTS = "$$STREAMLIT_INTERNAL_KEY_{}__events"
_INTAKE = "-search_intake"
_PROTOCOL = Subprotocol("streamlit")


class Tab:
    """An open page of the app, in a browser with these cookies; made by `opened_tab`.

    `elements` are those drawn last.
    """

    def __init__(self, server: websockets.ClientConnection, cookies: Mapping[str, str], page: str) -> None:
        self.cookies = cookies
        self.elements: list[Element] = []
        self._server, self._page = server, page
        self._intake = ""

    async def show(self, query: str = "") -> list[str]:
        """Request the page with this query in its address; return the errors on it once it is drawn."""
        message = BackMsg()
        message.rerun_script.query_string = query
        return await self._drawn(message)

    async def send_widgets(self, *widgets: WidgetState) -> list[str]:
        """Send choices and clicks; return the errors on the page once it is redrawn."""
        message = BackMsg()
        message.rerun_script.widget_states.widgets.extend(widgets)
        return await self._drawn(message)

    async def send_photo(self, photo: bytes) -> list[str]:
        """Send a photo, as the page's own component does; return the errors on the page once it is redrawn."""
        content = base64.b64encode(photo).decode()
        events = [{"event": "photo", "value": {"origin": "upload", "content": content}}]
        message = BackMsg()
        message.rerun_script.query_string = ""
        states = message.rerun_script.widget_states.widgets
        states.append(WidgetState(id=self._intake, json_value="{}"))
        states.append(WidgetState(id=_EVENTS.format(self._intake), json_trigger_value=json.dumps(events)))
        return await self._drawn(message)

    async def _drawn(self, message: BackMsg) -> list[str]:
        errors: list[str] = []
        self.elements = []
        message.rerun_script.page_name = self._page
        await self._server.send(message.SerializeToString())
        while True:
            answer = ForwardMsg.FromString(await asyncio.wait_for(self._server.recv(), PATIENCE_SECONDS))
            kind = answer.WhichOneof("type")
            if kind == "delta":
                element = answer.delta.new_element
                self.elements.append(element)
                shown = element.WhichOneof("type")
                if shown == "bidi_component" and _INTAKE in element.bidi_component.id:
                    self._intake = element.bidi_component.id
                if shown == "exception" or (shown == "alert" and element.alert.format == element.alert.ERROR):
                    errors.append(f"a page with an error: {element}"[:200])
            # There may be two finished runs in a row if a callback or a rerun ends the first.
            if kind == "script_finished" and answer.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY:
                return errors


@asynccontextmanager
async def opened_tab(
    address: str, page: str = "", *, query: str = "", cookies: Mapping[str, str] | None = None
) -> AsyncIterator[Tab]:
    """Open a page, by default the search page, in a browser with these cookies, or with new ones."""
    if cookies is None:  # they distinguish browsers
        async with httpx.AsyncClient(verify=False) as browser:  # otherwise each reads all certificates
            await browser.get(address, timeout=PATIENCE_SECONDS)
        cookies = {cookie.name: cookie.value or "" for cookie in browser.cookies.jar}
    header = {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}
    socket = address.replace("http", "ws", 1) + "/_stcore/stream"
    connecting = websockets.connect(
        socket, max_size=None, subprotocols=[_PROTOCOL], open_timeout=60, additional_headers=header
    )
    async with connecting as server:
        tab = Tab(server, cookies, page)
        await tab.show(query)
        yield tab
