"""The settings that `evaluate` measures, and how `--compare` names them."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import typer

from embeddings.models.backbones import BACKBONES, Backbone
from recsys.cli.options import chosen_backbones

if TYPE_CHECKING:
    from recsys.search.ranking import Ranking
    from recsys.search.recommender import Recommender

GRAMMAR = (
    "Two settings, photo by photo: what is better with B, what is worse, and whether the difference is real. A setting "
    "is BACKBONE, RANKING or BACKBONE:RANKING; what it leaves out is that of --backbone and --ranking. The name of a "
    "kept run does as well: it is not measured again."
)


class Setting(NamedTuple):
    """A setting to measure."""

    backbone: Backbone
    ranking: "Ranking"


class KeptRun(NamedTuple):
    """The name of a saved run."""

    name: str


def chosen_settings(
    recommender: "Recommender", backbones: list[str] | None, rankings: list[str] | None
) -> list[Setting]:
    """Every ranking of every named backbone, each once; the default backbone and cosine if none is named."""
    from recsys.search.rankings import RANKINGS, STUDY_RANKING

    orders = [RANKINGS[name] for name in dict.fromkeys(rankings or [STUDY_RANKING.name])]
    return [Setting(backbone, order) for backbone in chosen_backbones(recommender, backbones) for order in orders]


def compared_settings(texts: Sequence[str], records: Path, base: Sequence[Setting]) -> list[Setting | KeptRun]:
    """Read the two settings of `--compare`; `base` are those chosen by the other options.

    Raises typer.BadParameter for a text that is not a setting, for two that are the same, and if several base settings
    could fill in the missing part.
    """
    from recsys.evaluation.records import is_run

    if len(base) > 1:
        raise typer.BadParameter("with --compare, give --backbone and --ranking at most once.")
    found = [KeptRun(text) if is_run(records, text) else _setting(text, base[0]) for text in texts]
    if found[0] == found[1]:
        raise typer.BadParameter(f"--compare needs two different settings, got {texts[0]!r} and {texts[1]!r}.")
    return found


def _setting(text: str, base: Setting) -> Setting:
    from recsys.search.rankings import RANKINGS

    name, _, order = text.partition(":")
    if name in RANKINGS and not order:
        name, order = "", name
    name, order = name or base.backbone.name, order or base.ranking.name
    if name in BACKBONES and order in RANKINGS:
        return Setting(BACKBONES[name], RANKINGS[order])
    raise typer.BadParameter(
        f"{text!r} is not a setting: expected BACKBONE, RANKING or BACKBONE:RANKING, where the backbones are "
        f"{', '.join(BACKBONES)} and the rankings {', '.join(sorted(RANKINGS))}; or the name of a saved run."
    )
