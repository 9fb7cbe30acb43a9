"""The poll's figures in words, in the visitor's language."""

from recsys.survey.summary import QuestionSummary, Share, Summary
from recsys.ui.charts.days import period_text
from recsys.ui.i18n.translations import gettext as _
from recsys.ui.i18n.translations import ngettext, number_text, percent_text

_MINUS = "\N{MINUS SIGN}"


def count_text(count: int, total: int) -> str:
    """A count with its percentage."""
    return _("{count} ({percent})").format(
        count=number_text(count), percent=percent_text(count / total if total else 0)
    )


def choice_texts(result: QuestionSummary, share: Share) -> tuple[str, str]:
    """Both choices with their counts and percentages."""
    first, second = map(_, result.question.labels.values())
    return (
        f"{first} {count_text(share.count, share.total)}",
        f"{second} {count_text(share.total - share.count, share.total)}",
    )


def interval_text(share: Share) -> str:
    """The 95% interval of the first choice's share."""
    low, high = (percent_text(limit) for limit in share.interval)
    return _("{low} to {high}").format(low=low, high=high)


def points_text(difference: float) -> str:
    """A difference of two shares in percentage points, with its sign."""
    points = round(100 * difference, 1)
    sign = "+" if points > 0 else _MINUS if points < 0 else ""
    return f"{sign}{number_text(abs(points), digits=1)}"


def verdict_text(result: QuestionSummary) -> str:
    """How this poll differs from the study, and whether that may be chance."""
    if not result.poll.total:
        return _("No answers yet.")
    if result.difference is None:
        return _("The study did not ask this.")
    value, (low, high) = result.difference
    text = (
        _("“{choice}”: {points} points compared with the study, 95% interval {low} to {high}. This may be chance.")
        if low <= 0 <= high
        else _(
            "“{choice}”: {points} points compared with the study, 95% interval "
            "{low} to {high}. This is unlikely to be chance."
        )
    )
    return text.format(
        choice=_(next(iter(result.question.labels.values()))),
        points=points_text(value),
        low=points_text(low),
        high=points_text(high),
    )


def named_shares(result: QuestionSummary) -> list[tuple[str, Share]]:
    """This poll's result, if anybody has answered, and the study's, each with its name and the number of answers."""
    names = [(_("This poll, {people}"), result.poll), (_("The study of 2023, {people}"), result.study)]
    return [(name.format(people=people_text(share.total)), share) for name, share in names if share.total]


def description(result: QuestionSummary) -> str:
    """What a question's chart shows, for people who cannot see it."""
    parts = []
    for name, share in named_shares(result):
        first, second = choice_texts(result, share)
        text = _("{name}: {first}, {second}, 95% interval of the first {interval}.")
        parts.append(text.format(name=name, first=first, second=second, interval=interval_text(share)))
    return " ".join(parts)


def people_text(number: int) -> str:
    """The number of people."""
    return ngettext("{number} person", "{number} people", number)


def people_and_days_text(summary: Summary) -> str:
    """How many people answered, and when."""
    people = people_text(summary.total)
    return f"{people}, {period_text(summary.days)}" if summary.days else people
