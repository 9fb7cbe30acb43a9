"""`survey summary`, `survey export` and `survey invite`: the poll's results, its responses, and its invitations."""

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from embeddings.files import atomic_write
from recsys.cli.console import print_json, print_line, print_note
from recsys.cli.options import JsonOption
from recsys.settings import load_settings

if TYPE_CHECKING:
    from recsys.database.database import Database
    from recsys.survey.summary import Invitations, Share, Summary

app = typer.Typer(help="Read the poll's results, and invite people to it.", no_args_is_help=True)

_DAY = ["%Y-%m-%d"]
SinceOption = Annotated[datetime | None, typer.Option(formats=_DAY, metavar="YYYY-MM-DD", help="The first day.")]
UntilOption = Annotated[datetime | None, typer.Option(formats=_DAY, metavar="YYYY-MM-DD", help="The last day.")]


@app.command()
def summary(since: SinceOption = None, until: UntilOption = None, as_json: JsonOption = False) -> None:
    """Print each question's result with its 95% interval, next to the study's."""
    from recsys.survey.responses import read_responses
    from recsys.survey.summary import count_invitations, summarise, summary_json

    with _database().reading() as session:
        result = summarise(read_responses(session, _day(since), _day(until)))
        invitations = count_invitations(session)
    if as_json:
        counts = {"total": invitations.total, "used": invitations.used}
        print_json({**summary_json(result), "invitations": counts})
        return
    _print_summary(result, invitations)


@app.command("export")
def export(
    out: Annotated[Path, typer.Option(metavar="FILE.csv", help="The file to write.")],
    since: SinceOption = None,
    until: UntilOption = None,
    semicolons: Annotated[
        bool, typer.Option("--semicolons", help="Separate columns by semicolons, for machines with a decimal comma.")
    ] = False,
) -> None:
    """Write the responses as a CSV: one row each, with its day and remark."""
    from recsys.survey.answer_export import responses_csv
    from recsys.survey.responses import read_responses

    with _database().reading() as session:
        responses = read_responses(session, _day(since), _day(until))
    with atomic_write(out) as file:
        file.write(responses_csv(responses, separator=";" if semicolons else ",").encode("utf-8-sig"))
    print_line(f"{len(responses):,} responses written to {out}.")


@app.command()
def invite(
    count: Annotated[int, typer.Option(min=1, max=100_000, help="How many people are invited.")],
    out: Annotated[Path, typer.Option(metavar="FILE.csv", help="A new file for the links.")],
    address: Annotated[
        str, typer.Option(metavar="URL", help="The app's address for these people.")
    ] = "http://127.0.0.1:8501",
) -> None:
    """Create links that each let one person answer once, and write them into a new file."""
    from recsys.survey.invitations import invite as make_invitations

    settings = load_settings()
    make_invitations(_database(), count, out, address)
    print_line(f"{count:,} links to {address} written to {out}. They are stored nowhere else.")
    if settings.survey_mode == "open":
        print_note("The poll is open to everybody now: set RECSYS_SURVEY_MODE=invited and restart the app.")


def _database() -> "Database":
    from recsys.database.database import open_database
    from recsys.database.engines import records_address

    return open_database(records_address(load_settings()))


def _day(moment: datetime | None) -> date | None:
    return None if moment is None else moment.date()


def _print_summary(summary: "Summary", invitations: "Invitations") -> None:
    days = f", {min(summary.days)} to {max(summary.days)}" if summary.days else ""
    few = ": few, so that the intervals are wide" if summary.is_small else ""
    print_line(f"{summary.total:,} responses{days}{few}.")
    if invitations.total:
        print_line(f"{invitations.used:,} of {invitations.total:,} invitations used.")
    for result in summary.questions:
        question = result.question
        print_line(f"\n{question.wording} {question.labels[question.choices[0]]}:")
        print_line(f"  this poll   {_share_text(result.poll)}")
        print_line(f"  the study   {_share_text(result.study)}")
        if result.difference is not None:
            value, (low, high) = result.difference
            print_line(f"  difference  {100 * value:+.1f} points [{100 * low:+.1f}, {100 * high:+.1f}]")


def _share_text(share: "Share") -> str:
    if share.value is None:
        return "no responses"
    low, high = share.interval
    return f"{share.count:,} of {share.total:,}, {share.value:.1%} [{low:.1%}, {high:.1%}]"
