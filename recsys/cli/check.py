"""`check`: whether the app could serve this data home now, for people and for monitors."""

from typing import Annotated

import typer

from recsys.cli.console import FAILED, print_json, print_line
from recsys.cli.remedies import remedied
from recsys.settings import load_settings

app = typer.Typer()


@app.command()
def check(
    names: Annotated[list[str] | None, typer.Argument(help="Run only these checks, such as secrets.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Check whether everything is in order; the exit status is 1 if something keeps the app from serving."""
    from recsys.operations.checks import State, run_checks

    checks = run_checks(load_settings(), names or ())
    details = {one.name: remedied(one.detail, one.remedies) for one in checks}
    if as_json:
        print_json({one.name: {"state": one.state, "detail": details[one.name]} for one in checks})
    else:
        for one in checks:
            print_line(f"{one.state:8} {one.name:12} {details[one.name]}")
    if any(one.state is State.FAILED for one in checks):
        raise typer.Exit(FAILED)
