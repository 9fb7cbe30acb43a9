"""The poll's questions: the study's five, word for word, with the answers of its 52 participants.

To add a question, add an entry to `QUESTIONS`: form, checks, charts, export and command line follow.
"""

from collections.abc import Mapping
from dataclasses import dataclass

STUDY_TOTAL = 52


def N_(text: str) -> str:  # noqa: N802  # gettext's usual name for marking a text that is translated where it is shown
    """Mark a text for translators."""
    return text


@dataclass(frozen=True)
class Question:
    """A question with the labels of its two choices, by key.

    Answers are stored under `key`, which must never change; `topic` is the question's subject in a few words;
    `study_count` of the study's participants took the first choice, None if the study did not ask.
    """

    key: str
    wording: str
    topic: str
    labels: Mapping[str, str]
    study_count: int | None = None

    def __post_init__(self) -> None:
        if len(self.labels) != 2:
            raise ValueError(f"Expected two choices for {self.key}, got {len(self.labels)}: name one and its opposite.")

    @property
    def choices(self) -> tuple[str, ...]:
        """The keys of the choices."""
        return tuple(self.labels)


_YES_NO = {"yes": N_("Yes"), "no": N_("No")}

QUESTIONS = (
    Question(
        "preference",
        N_("Prefer to search for products by typing text or image-based?"),
        N_("Text or image"),
        {"text": N_("Text"), "image": N_("Image")},
        27,
    ),
    Question("easier", N_("Is it easier to search for image-based products?"), N_("Easier"), _YES_NO, 39),
    Question("intuitive", N_("Is image-based product search more intuitive?"), N_("More intuitive"), _YES_NO, 40),
    Question("faster", N_("Is the image-based product search stage faster?"), N_("Faster"), _YES_NO, 38),
    Question(
        "coming_back",
        N_("Does the existence of image-based product search make you come back to shop again?"),
        N_("Coming back"),
        _YES_NO,
        42,
    ),
)
