"""Which of a browser's messages pass the middleware."""

import asyncio

import pytest
from starlette.types import Message, Receive, Scope, Send
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.WidgetStates_pb2 import WidgetState, WidgetStates

from recsys.ui.door.page_messages import PageMessages


def rerun(**widget: str) -> BackMsg:
    return BackMsg(rerun_script=ClientState(widget_states=WidgetStates(widgets=[WidgetState(id="a", **widget)])))


OF_A_PAGE = {
    "a click": rerun(string_value="rocket"),
    "a photo": rerun(json_trigger_value="x" * 2**20),
    "a file": BackMsg(backend_operation_request={"deferred_file": {"file_id": "1"}}),
    "a stop": BackMsg(stop_script=True),
}
OF_NO_PAGE = {
    "everybody's caches": BackMsg(clear_cache=True),
    "the repository": BackMsg(load_git_info=True),
    "an upload": BackMsg(file_urls_request={"file_names": ["a"]}),
    "an installation": BackMsg(backend_operation_request={"install_skills": {}}),
    "endless words": rerun(string_value="x" * 2**20),
    "an endless address": BackMsg(rerun_script=ClientState(query_string="x" * 2**20)),
}


def passed_on(sent: list[bytes]) -> list[bytes | None]:
    """The messages of a browser that pass, None for its end."""
    waiting: list[Message] = [{"type": "websocket.receive", "bytes": content} for content in sent]
    waiting.append({"type": "websocket.disconnect"})
    passed: list[Message] = []

    async def app(_scope: Scope, receive: Receive, _send: Send) -> None:
        while not passed or passed[-1]["type"] != "websocket.disconnect":
            passed.append(await receive())

    async def receive() -> Message:
        return waiting.pop(0)

    async def send(_message: Message) -> None: ...

    asyncio.run(PageMessages(app)({"type": "websocket"}, receive, send))
    return [message.get("bytes") for message in passed]


def test_only_messages_of_the_app_s_pages_are_passed_on() -> None:
    page, no_page = ([message.SerializeToString() for message in kind.values()] for kind in (OF_A_PAGE, OF_NO_PAGE))
    heartbeat = BackMsg(app_heartbeat=True).SerializeToString()
    passed = [content for content in passed_on([*no_page, *page, b"\xff"]) if content != heartbeat]
    assert passed == [*page, b"\xff", None]


def test_a_heartbeat_follows_each_photo_so_that_streamlit_drops_it() -> None:
    click, photo = (OF_A_PAGE[kind].SerializeToString() for kind in ("a click", "a photo"))
    heartbeat = BackMsg(app_heartbeat=True).SerializeToString()
    assert passed_on([click, photo, photo, click]) == [click, photo, heartbeat, photo, heartbeat, click, None]


@pytest.mark.parametrize("text", [{"text": "hello"}, {"text": "hello", "bytes": None}, {"text": ""}])
def test_a_text_frame_ends_the_connection_as_unsupported_and_nothing_more_is_sent(text: Message) -> None:
    passed, sent = asyncio.run(answered([{"type": "websocket.receive", **text}]))
    assert [message["type"] for message in passed] == ["websocket.disconnect"] * 2
    assert sent == [{"type": "websocket.accept"}, {"type": "websocket.close", "code": 1003}]


async def answered(waiting: list[Message]) -> tuple[list[Message], list[Message]]:
    """What an app receives that asks twice, and what reaches the browser of an app that goes on sending."""
    passed: list[Message] = []
    sent: list[Message] = []

    async def app(_scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "websocket.accept"})
        for _ in range(2):
            passed.append(await receive())
            await send({"type": "websocket.send", "bytes": b"a"})

    async def receive() -> Message:
        return waiting.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    await PageMessages(app)({"type": "websocket"}, receive, send)
    return passed, sent
