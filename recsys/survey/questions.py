"""The study's five questions, word for word, with the answers that its 52 participants gave."""

from dataclasses import dataclass

STUDY_TOTAL = 52


def N_(text: str) -> str:  # noqa: N802  # gettext's name for a text that is translated where it is shown
    """Mark a text for translators."""
    return text


@dataclass(frozen=True)
class Question:
    """A question with its two choices; `study_count` of the study's participants took the first one.

    `key` names the column that its answers are in, `topic` what the question is about, in a few words.
    """

    key: str
    wording: str
    topic: str
    choices: tuple[str, str]
    study_count: int

    def label(self, choice: str) -> str:
        """The choice as the questionnaire words it, in English."""
        return LABELS[choice]


LABELS = {"text": N_("Text"), "image": N_("Image"), "yes": N_("Yes"), "no": N_("No")}
_YES_NO = ("yes", "no")

QUESTIONS = (
    Question(
        "preference",
        N_("Prefer to search for products by typing text or image-based?"),
        N_("Text or image"),
        ("text", "image"),
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
