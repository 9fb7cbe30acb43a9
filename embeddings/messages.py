"""Messages with variable parts: in English as they are, translated by the code that shows them."""

from collections.abc import Callable
from typing import Any


class Message:
    """A text whose `{names}` stand for `parts`: numbers, texts used as they are, or further messages."""

    def __init__(self, text: str, /, **parts: object) -> None:
        self.text = text
        self.parts = parts

    def __str__(self) -> str:
        return self.render(str, lambda number: f"{number:,g}" if isinstance(number, float) else f"{number:,}")

    def render(self, translate: Callable[[str], str], number_text: Callable[[float], str]) -> str:
        """The message with its text, and any messages among its parts, translated, and its numbers written."""
        text = translate(self.text)
        if not self.parts:  # braces in it are literal
            return text

        def told(part: object) -> object:
            if isinstance(part, Message):
                return part.render(translate, number_text)
            return number_text(part) if isinstance(part, int | float) else part

        return text.format_map({name: told(part) for name, part in self.parts.items()})

    def as_json(self) -> dict[str, Any]:
        """The message as a JSON object; a part that is neither number nor message becomes text."""

        def plain(part: object) -> object:
            if isinstance(part, Message):
                return part.as_json()
            return part if isinstance(part, int | float) else str(part)

        return {"text": self.text, "parts": {name: plain(part) for name, part in self.parts.items()}}

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> "Message":
        """Read the result of `as_json`; raises KeyError or TypeError for anything else."""
        parts = {
            name: cls.from_json(part) if isinstance(part, dict) else part for name, part in content["parts"].items()
        }
        return cls(content["text"], **parts)
