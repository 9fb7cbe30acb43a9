"""`search` and `evaluate`: products for a photo, and how often they are the right ones."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from recsys.cli.console import print_json, print_line, print_note, progress_bar
from recsys.cli.options import BackboneOption, BackbonesOption, JsonOption, RankingOption, chosen_backbones
from recsys.settings import load_settings

if TYPE_CHECKING:
    from recsys.evaluation import Evaluation
    from recsys.evaluation_records import DataSet, NetworkUsed

app = typer.Typer()


@app.command()
def search(
    photo: Annotated[Path, typer.Argument(metavar="PHOTO")],
    backbone: BackboneOption = None,
    top: Annotated[int, typer.Option(min=1, help="How many products.")] = 5,
    ranking: RankingOption = "cosine",
    as_json: JsonOption = False,
) -> None:
    """Find the products that look most like a photo."""
    from embeddings.photos import read_photo
    from recsys.recommender import Recommender, result_json

    recommender = Recommender(load_settings())
    chosen = chosen_backbones(recommender, [backbone] if backbone else None)[0]
    query = recommender.encode(read_photo(photo), chosen)
    result = recommender.search(query, top=top, ranking=ranking)
    if as_json:
        print_json(result_json(result))
        return
    for match in result.matches:
        name = " ".join(match.product.name.split())
        print_line(f"{match.rank:>3}  {match.similarity:.3f}  {match.product.product_id}  {name}")
    print_note(
        f"{result.num_products:,} products, {result.backbone.name}: "
        f"encoded in {result.encode_ms:.0f} ms, compared in {result.search_ms:.1f} ms."
    )


@app.command()
def evaluate(
    queries: Annotated[Path, typer.Option(metavar="FILE.csv", help="Labelled photos: photo, product_id, group.")],
    backbone: BackbonesOption = None,
    ranking: RankingOption = "cosine",
    distractors: Annotated[
        Path | None,
        typer.Option(metavar="HOME", help="A data home whose products are searched as well, though never right."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Measure retrieval quality on labelled photos, and keep the figures for the compare page."""
    from recsys import evaluation
    from recsys.evaluation_records import data_set_of, network_used
    from recsys.recommender import Recommender

    settings = load_settings()
    recommender = Recommender(settings, distractors=distractors)
    photos = evaluation.read_queries(queries)
    gallery = recommender.gallery
    data_set = data_set_of(queries, gallery.own, gallery.distractors)
    results = []
    for chosen in chosen_backbones(recommender, backbone):
        with progress_bar(chosen.name) as progress:
            results.append(evaluation.evaluate(recommender, photos, chosen, ranking=ranking, progress=progress))
        _keep(settings.records, results[-1], data_set, network_used(recommender, chosen))
    for result in results:
        for skipped in result.skipped:
            print_note(f"skipped {skipped.photo}: {skipped.reason}")
    if as_json:
        print_json(evaluation.evaluation_json(results, data_set.num_products, data_set.num_distractors))
        return
    for result in results:
        _print_quality(result)


def _keep(records: Path, result: "Evaluation", data_set: "DataSet", network: "NetworkUsed") -> None:
    """Keep a result at once, so that a failure of the next backbone does not cost it; one not kept is still printed."""
    from recsys.evaluation_records import keep_evaluation

    try:
        keep_evaluation(records, result, data_set, network, now=datetime.now(UTC))
    except OSError as error:
        print_note(f"The figures of {result.backbone} could not be kept in {records}: {error.strerror or error}.")


def _print_quality(result: "Evaluation") -> None:
    """Print a table of the groups' metrics, with their intervals, and the times."""
    print_line(f"{result.backbone}, {result.ranking}")
    metrics = list(result.groups["all"].means)
    print_line(f"{'group':16}{'queries':>8}" + "".join(f"{metric:>21}" for metric in metrics))
    for name, group in result.groups.items():
        cells = (
            f"{group.means[metric]:.3f} [{group.ci95[metric][0]:.3f}, {group.ci95[metric][1]:.3f}]"
            for metric in metrics
        )
        print_line(f"{name:16}{group.num_queries:>8,}" + "".join(f"{cell:>21}" for cell in cells))
    print_line(
        f"encode {result.encode_ms.p50:.1f} ms (p95 {result.encode_ms.p95:.1f}), "
        f"search {result.search_ms.p50:.2f} ms (p95 {result.search_ms.p95:.2f})"
    )
