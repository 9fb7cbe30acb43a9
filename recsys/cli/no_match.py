"""`no-match`: how well photos of products the shop does not have are distinguished from those of products it has."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from recsys.cli.console import print_json, print_line, print_note, progress_bar
from recsys.cli.options import BackboneOption, JsonOption, RankingsOption, chosen_backbones
from recsys.cli.remedies import print_shortfall
from recsys.settings import Settings, load_settings

if TYPE_CHECKING:
    from recsys.evaluation.no_match import Separation, Side

app = typer.Typer()

_FALSE_POSITIVES = (0.01, 0.05, 0.1, 0.2)


@app.command("no-match")
def no_match(
    queries: Annotated[Path, typer.Option(metavar="FILE.csv", help="Labelled photos: photo, product_id, group.")],
    backbone: BackboneOption = None,
    ranking: RankingsOption = None,
    shop: Annotated[
        Path | None, typer.Option(metavar="HOME", help="Data home of a shop that sells none of the photos' products.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Measure how well photos of products outside the catalogue are recognised as such: ROC and its area."""
    from recsys.evaluation.labelled_photos import read_queries
    from recsys.evaluation.no_match import measure_no_match, no_match_json
    from recsys.search.rankings import RANKINGS
    from recsys.search.recommender import Recommender

    recommender = Recommender(load_settings())
    other = None if shop is None else Recommender(Settings(home=shop, cache_address=""), recommender.networks)
    chosen = chosen_backbones(recommender, [backbone] if backbone else None)[0]
    rankings = [RANKINGS[name] for name in dict.fromkeys(ranking or sorted(RANKINGS))]
    for one in rankings:
        print_shortfall(recommender, one, chosen)
    with progress_bar(chosen.name) as progress:
        report = measure_no_match(recommender, read_queries(queries), chosen, rankings, shop=other, progress=progress)
    for skipped in report.skipped:
        print_note(f"skipped {skipped.photo}: {skipped.reason}")
    if as_json:
        print_json(no_match_json(report))
        return
    print_line(f"{chosen.name}: photos of products in the gallery, and of products outside it")
    print_line(
        f"{'protocol':17}{'ranking':9}{'gallery':14}{'there':>6}{'missing':>9}{'AUROC':>22}"
        + "".join(f"{f'at {share:.0%}':>8}" for share in _FALSE_POSITIVES)
        + f"{'called a match':>19}"
    )
    for separation in report.separations:
        print_line(_row(separation))
    print_line("at 5%: the share of photos with a match above the threshold that 5% of those without a match exceed.")
    if any(side.num_good is None for one in report.separations for side in (one.there, one.missing)):
        print_line("-: the ranking calls nothing a match; refined does so in a home that `embed` has calibrated.")


def _row(separation: "Separation") -> str:
    low, high = separation.ci95
    area = f"{separation.auroc:.3f} [{low:.3f}, {high:.3f}]"
    called = f"{_called(separation.there)} / {_called(separation.missing)}"
    return (
        f"{separation.protocol:17}{separation.ranking:9}{separation.group or 'all':14}"
        f"{len(separation.there.evidence):>6,}{len(separation.missing.evidence):>9,}{area:>22}"
        + "".join(f"{separation.true_positive_at(share):>8.3f}" for share in _FALSE_POSITIVES)
        + f"{called:>19}"
    )


def _called(side: "Side") -> str:
    return "-" if side.num_good is None else f"{side.num_good / len(side.evidence):.3f}"
