"""The messages a browser may send in a session: those of this app's pages, no larger than their widgets need."""

import logging

from google.protobuf.message import DecodeError
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.proto.BackMsg_pb2 import BackMsg

_log = logging.getLogger(__name__)

_KINDS = ("rerun_script", "stop_script", "app_heartbeat")
_OPERATIONS = ("deferred_file", "dataframe_chunk")
_MAX_KEPT_BYTES = 256 * 1024  # per session; all widgets of a page take a few kB
_UNSUPPORTED = 1003  # a kind of data that the receiver cannot accept (RFC 6455, 7.4.1)
_HEARTBEAT = BackMsg(app_heartbeat=True).SerializeToString()


class PageMessages:
    """Middleware that drops all other messages, and closes a connection that sends text, of which Streamlit has none.

    On request Streamlit clears everybody's caches, and with them the networks and every limit; and it stores what a
    browser sends for its widgets, except a photo, which is an event. It also keeps a session's last message until the
    next one, so each photo is followed by a heartbeat: otherwise two copies of the photo would stay as long as the page
    is open.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if scope["type"] == "websocket":
            receive, send = _screened(receive, send)
        await self._app(scope, receive, send)


def _screened(receive: Receive, send: Send) -> tuple[Receive, Send]:
    holds_much = is_closed = False

    async def screened() -> Message:
        nonlocal holds_much, is_closed
        if holds_much:
            holds_much = False
            return {"type": "websocket.receive", "bytes": _HEARTBEAT}
        while not is_closed:
            message = await receive()
            if message["type"] != "websocket.receive":
                return message
            content = message.get("bytes")
            if content is None:
                is_closed = True
                await send({"type": "websocket.close", "code": _UNSUPPORTED})
            elif _is_from_a_page(content):
                holds_much = len(content) > _MAX_KEPT_BYTES
                return message
            _log.warning("Refused a message that no page of the app sends.")
        return {"type": "websocket.disconnect", "code": _UNSUPPORTED}

    async def send_if_open(message: Message) -> None:
        if not is_closed:
            await send(message)

    return screened, send_if_open


def _is_from_a_page(content: bytes) -> bool:
    """Whether a page sends such a message; invalid ones are left to Streamlit, which ends the session."""
    try:
        message = BackMsg.FromString(content)
    except DecodeError:
        return True
    kind = message.WhichOneof("type")
    if kind == "backend_operation_request":
        return message.backend_operation_request.WhichOneof("payload") in _OPERATIONS
    for widget in message.rerun_script.widget_states.widgets if kind == "rerun_script" else ():
        widget.ClearField("json_trigger_value")
    return kind in _KINDS and message.ByteSize() <= _MAX_KEPT_BYTES
