"""`jobs` and `jobs cancel`: the state of the background jobs, and stopping one."""

from typing import Annotated

import typer

from recsys.cli.console import print_line
from recsys.settings import load_settings

app = typer.Typer(help="List and stop the background jobs.", invoke_without_command=True)


@app.callback()
def jobs(context: typer.Context) -> None:
    """Print the background jobs, one line each."""
    if context.invoked_subcommand is not None:
        return
    from recsys.indexing.launch import jobs_of

    found = jobs_of(load_settings()).all()
    for job in found:
        print_line(f"{job.name}: {job.state}, {job.stage}{f', {job.share:.0%}' if job.total else ''}")
    if not found:
        print_line("No jobs.")


@app.command()
def cancel(name: Annotated[str, typer.Argument(help="The job's name.")]) -> None:
    """Stop a running job; what it has done is kept."""
    from recsys.indexing.jobs import JobError
    from recsys.indexing.launch import jobs_of

    if not jobs_of(load_settings()).cancel(name):
        raise JobError(f"Expected a running job {name}, found none: see `python -m recsys jobs`.")
    print_line(f"{name} ends within a second.")
