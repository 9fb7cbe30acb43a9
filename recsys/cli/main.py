"""All commands together, and how their errors reach the user."""

from typing import Any

import typer
from typer.core import TyperGroup

from embeddings.errors import KalcareError
from recsys.cli import backbone_commands as backbones
from recsys.cli import catalogue, check, demo, evaluate, jobs, no_match, records, search, survey
from recsys.cli.console import FAILED, print_error
from recsys.cli.remedies import error_text
from recsys.operations.privacy import write_privately


class Commands(TyperGroup):
    """Commands whose known errors are one line on standard error, without a traceback."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command named by the arguments."""
        try:
            return super().invoke(ctx)
        except KalcareError as error:
            print_error(error_text(error))
        except BrokenPipeError:  # the reader of the output has gone, which Typer handles
            raise
        except OSError as error:
            where = f" ({error.filename})" if error.filename else ""
            print_error(f"The machine refused: {error.strerror or error}{where}.")
        raise typer.Exit(FAILED)


def build_app() -> typer.Typer:
    """Put the commands together."""
    app = typer.Typer(
        cls=Commands,
        name="python -m recsys",
        help="Kalcare visual search: find products by a photo.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    for group in (demo.app, backbones.app, search.app, evaluate.app, no_match.app, check.app):
        app.registered_commands.extend(group.registered_commands)
    app.add_typer(catalogue.app, name="catalogue")
    app.add_typer(backbones.backbones_app, name="backbones")
    app.add_typer(survey.app, name="survey")
    app.add_typer(records.app, name="records")
    app.add_typer(jobs.app, name="jobs")
    return app


def main() -> None:
    """Run the command in the arguments.

    The exit status is 0 on success, 1 after a known error (one line on standard error), 2 after wrong usage, 130 when
    interrupted.
    """
    write_privately()
    build_app()()
