"""`evaluate`: how often the right product is found, which of two settings finds it more often, and what is missed."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from recsys.cli.compared import GRAMMAR, KeptRun, Setting, chosen_settings, compared_settings
from recsys.cli.console import print_json, print_note, progress_bar
from recsys.cli.options import BackbonesOption, JsonOption, RankingsOption
from recsys.cli.quality_tables import print_comparison, print_quality
from recsys.cli.remedies import print_shortfall
from recsys.settings import load_settings

if TYPE_CHECKING:
    from recsys.evaluation.comparison import Comparison
    from recsys.evaluation.labelled_photos import LabelledPhoto
    from recsys.evaluation.records import DataSet, Run
    from recsys.evaluation.runs import Evaluation
    from recsys.search.recommender import Recommender

app = typer.Typer()

_SHEET_FORMATS = (".jpg", ".jpeg", ".png")


def _drawable(path: Path | None) -> Path | None:
    if path is not None and path.suffix.lower() not in _SHEET_FORMATS:
        raise typer.BadParameter(f"expected a name that ends in {', '.join(_SHEET_FORMATS)}, got {path}.")
    return path


@app.command()
def evaluate(  # noqa: PLR0913, PLR0917  # one for each option of the command line
    queries: Annotated[Path, typer.Option(metavar="FILE.csv", help="Labelled photos: photo, product_id, group.")],
    backbone: BackbonesOption = None,
    ranking: RankingsOption = None,
    compare: Annotated[tuple[str, str] | None, typer.Option(metavar="A B", help=GRAMMAR)] = None,
    distractors: Annotated[
        Path | None,
        typer.Option(metavar="HOME", help="A data home whose products are also searched, but never count as right."),
    ] = None,
    misses: Annotated[
        Path | None,
        typer.Option(metavar="FILE.jpg|png", callback=_drawable, help="Draw the worst misses into this file."),
    ] = None,
    worst: Annotated[int, typer.Option(metavar="N", min=1, max=100, help="How many misses to draw.")] = 20,
    as_json: JsonOption = False,
) -> None:
    """Measure retrieval quality on labelled photos, and save the figures for the page Compare."""
    from recsys.evaluation.labelled_photos import read_queries
    from recsys.evaluation.records import data_set_of, read_run
    from recsys.search.recommender import Recommender

    settings = load_settings()
    recommender = Recommender(settings, distractors=distractors)
    photos = read_queries(queries)
    data_set = data_set_of(queries, recommender.gallery.own, recommender.gallery.distractors)
    chosen = chosen_settings(recommender, backbone, ranking)
    sides = compared_settings(compare, settings.records, chosen) if compare else chosen
    kept = {side: read_run(settings.records, side.name) for side in sides if isinstance(side, KeptRun)}
    wanted = [side for side in sides if isinstance(side, Setting)]
    failures = {status.backbone: status.failure for status in recommender.statuses()}
    for setting in wanted:  # before anything is measured, or a network compiled
        if problem := failures[setting.backbone] or recommender.ranking_problem(setting.ranking, setting.backbone):
            raise problem
        print_shortfall(recommender, setting.ranking, setting.backbone)
    measured = _measured(recommender, photos, wanted, data_set, settings.records)
    runs = [kept[side] if isinstance(side, KeptRun) else measured[side] for side in sides]
    comparison = _compared(runs) if compare else None
    if as_json:
        print_json(_content(runs, comparison))
    else:
        for run in runs:
            print_quality(run.evaluation)
        if comparison:
            print_comparison(comparison, recommender.catalogue)
    if misses:
        _draw_misses(misses, worst, runs, photos, recommender)


def _measured(
    recommender: "Recommender",
    photos: Sequence["LabelledPhoto"],
    wanted: Sequence[Setting],
    data_set: "DataSet",
    records: Path,
) -> dict[Setting, "Run"]:
    """Measure each setting, encoding photos once per backbone; save a backbone's before the next one starts."""
    from recsys.evaluation.records import Run
    from recsys.evaluation.runs import evaluate as evaluate_rankings

    runs = {}
    for backbone in dict.fromkeys(setting.backbone for setting in wanted):
        settings = [setting for setting in wanted if setting.backbone == backbone]
        with progress_bar(backbone.name) as progress:
            rankings = [setting.ranking for setting in settings]
            evaluations = evaluate_rankings(recommender, photos, backbone, rankings, progress=progress)
        for setting, evaluation in zip(settings, evaluations, strict=True):
            name = _keep(records, evaluation, data_set, recommender, setting)
            runs[setting] = Run(name, data_set, evaluation)
        for skipped in evaluations[0].skipped:
            print_note(f"skipped {skipped.photo}: {skipped.reason}")
    return runs


def _keep(
    records: Path, evaluation: "Evaluation", data_set: "DataSet", recommender: "Recommender", setting: Setting
) -> str:
    """Save a run and return its name; one that cannot be saved is still printed."""
    from recsys.evaluation.records import keep_evaluation, network_used

    network = network_used(recommender, setting.backbone)
    try:
        return keep_evaluation(records, evaluation, data_set, network, now=datetime.now(UTC)).stem
    except OSError as error:
        print_note(f"The figures of {evaluation.setting} could not be saved in {records}: {error.strerror or error}.")
        return ""


def _compared(runs: Sequence["Run"]) -> "Comparison":
    from recsys.evaluation.comparison import compare

    return compare(*runs)


def _content(runs: Sequence["Run"], comparison: "Comparison | None") -> dict[str, Any]:
    from recsys.evaluation.comparison import comparison_json
    from recsys.evaluation.runs import evaluation_json

    data_set = runs[0].data_set
    content = evaluation_json([run.evaluation for run in runs], data_set.num_products, data_set.num_distractors)
    return content | ({"comparison": comparison_json(comparison)} if comparison else {})


def _draw_misses(
    path: Path, worst: int, runs: Sequence["Run"], photos: Sequence["LabelledPhoto"], recommender: "Recommender"
) -> None:
    """Draw a sheet for each run; if there are several, the file's name contains the setting."""
    from recsys.evaluation.contact_sheet import draw_contact_sheet, num_misses, worst_misses, write_contact_sheet

    for run in runs:
        setting, outcomes = run.evaluation.setting, run.evaluation.outcomes
        misses = worst_misses(outcomes, worst)
        if not misses:
            print_note(f"{setting}: every photo found its product first, so there are no misses to draw.")
            continue
        title = f"{setting}: the worst {len(misses)} of {num_misses(outcomes):,} misses in {len(outcomes):,} photos"
        target = path if len(runs) == 1 else path.with_stem(f"{path.stem}-{_file_name(run, runs)}")
        write_contact_sheet(target, draw_contact_sheet(title, misses, photos, recommender.gallery))
        print_note(f"{target}: {title}.")


def _file_name(run: "Run", runs: Sequence["Run"]) -> str:
    """The run's setting, or its name if another run has the same setting."""
    settings = [other.evaluation.setting for other in runs]
    setting = run.evaluation.setting
    return setting.replace(":", "-") if settings.count(setting) == 1 else run.name
