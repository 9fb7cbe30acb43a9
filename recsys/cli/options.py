"""Options shared by several commands: backbones and rankings."""

from typing import TYPE_CHECKING, Annotated

import typer

from embeddings.models.backbones import BACKBONES, Backbone

if TYPE_CHECKING:
    from recsys.search.recommender import Recommender

DEFAULT_BACKBONE = "Default: RECSYS_DEFAULT_BACKBONE, else ResNet50 if ready, else EfficientNetLite0."


def _known(name: str | None) -> str | None:
    if name is not None and name not in BACKBONES:
        raise typer.BadParameter(f"{name!r} is not one of {', '.join(BACKBONES)}.")
    return name


def _all_known(names: list[str] | None) -> list[str] | None:
    for name in names or ():
        _known(name)
    return names


def _known_ranking(name: str | None) -> str | None:
    from recsys.search.rankings import RANKINGS

    if name is not None and name not in RANKINGS:
        raise typer.BadParameter(f"{name!r} is not one of {', '.join(sorted(RANKINGS))}.")
    return name


def _all_known_rankings(names: list[str] | None) -> list[str] | None:
    for name in names or ():
        _known_ranking(name)
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
RankingOption = Annotated[
    str | None,
    typer.Option(
        metavar="RANKING", callback=_known_ranking, help="cosine or refined. Default: that of the search page."
    ),
]
RankingsOption = Annotated[
    list[str] | None,
    typer.Option(
        "--ranking",
        metavar="RANKING",
        callback=_all_known_rankings,
        help="May be repeated. Default: cosine, as in the study.",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]


def chosen_backbones(recommender: "Recommender", names: list[str] | None) -> list[Backbone]:
    """The named backbones, each once, or the default one."""
    return [BACKBONES[name] for name in dict.fromkeys(names or ())] or [recommender.default_backbone()]
