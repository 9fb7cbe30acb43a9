"""What several commands share: backbone and ranking options, and the backbones they stand for."""

from typing import TYPE_CHECKING, Annotated, Literal, get_args

import typer

from embeddings.models.backbones import BACKBONES, Backbone

if TYPE_CHECKING:
    from recsys.search.recommender import Recommender

RankingName = Literal["cosine", "refined"]
RANKINGS: tuple[RankingName, ...] = get_args(RankingName)
DEFAULT_BACKBONE = "Default: RECSYS_DEFAULT_BACKBONE, else ResNet50 where it is ready, else EfficientNetLite0."


def _known(name: str | None) -> str | None:
    if name is not None and name not in BACKBONES:
        raise typer.BadParameter(f"{name!r} is not one of {', '.join(BACKBONES)}.")
    return name


def _all_known(names: list[str] | None) -> list[str] | None:
    for name in names or ():
        _known(name)
    return names


def ranking_named(text: str) -> RankingName:
    """Look a ranking up by its name. Raises typer.BadParameter."""
    for ranking in RANKINGS:
        if ranking == text:
            return ranking
    raise typer.BadParameter(f"{text!r} is not one of {', '.join(RANKINGS)}.")


def _all_rankings(names: list[str] | None) -> list[str] | None:
    for name in names or ():
        ranking_named(name)
    return names


BackboneOption = Annotated[str | None, typer.Option(callback=_known, metavar="BACKBONE", help=DEFAULT_BACKBONE)]
BackbonesOption = Annotated[
    list[str] | None,
    typer.Option("--backbone", callback=_all_known, metavar="BACKBONE", help=f"May be repeated. {DEFAULT_BACKBONE}"),
]
BackbonesArgument = Annotated[
    list[str] | None, typer.Argument(callback=_all_known, metavar="[BACKBONE ...]", help=DEFAULT_BACKBONE)
]
BackboneArgument = Annotated[str, typer.Argument(callback=_known, metavar="BACKBONE")]
RankingOption = Annotated[RankingName, typer.Option(help="How the candidates are ordered.")]
RankingsOption = Annotated[
    list[str] | None,
    typer.Option("--ranking", metavar="RANKING", callback=_all_rankings, help="May be repeated. Default: cosine."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]


def chosen_backbones(recommender: "Recommender", names: list[str] | None) -> list[Backbone]:
    """The named backbones, each once, or the default one."""
    return [BACKBONES[name] for name in dict.fromkeys(names or ())] or [recommender.default_backbone()]
