"""Options shared by several commands: backbones and rankings."""

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Annotated, Any

import typer

from embeddings.models.backbones import BACKBONES, Backbone

if TYPE_CHECKING:
    from recsys.search.recommender import Recommender

DEFAULT_BACKBONE = "Default: RECSYS_DEFAULT_BACKBONE, else ResNet50 if ready, else EfficientNetLite0."


def _rankings() -> Collection[str]:
    from recsys.search.rankings import RANKINGS

    return sorted(RANKINGS)


def _among(names: Callable[[], Collection[str]]) -> Callable[[Any], Any]:
    """An option's callback that refuses values not among the names."""

    def check(given: Any) -> Any:
        for name in [given] if isinstance(given, str) else given or ():
            if name not in names():
                raise typer.BadParameter(f"{name!r} is not one of {', '.join(names())}.")
        return given

    return check


_is_backbone, _is_ranking = _among(lambda: BACKBONES), _among(_rankings)

BackboneOption = Annotated[str | None, typer.Option(callback=_is_backbone, metavar="BACKBONE", help=DEFAULT_BACKBONE)]
BackbonesOption = Annotated[
    list[str] | None,
    typer.Option("--backbone", callback=_is_backbone, metavar="BACKBONE", help=f"May be repeated. {DEFAULT_BACKBONE}"),
]
BackbonesArgument = Annotated[
    list[str] | None, typer.Argument(callback=_is_backbone, metavar="[BACKBONE ...]", help=DEFAULT_BACKBONE)
]
BackboneArgument = Annotated[str, typer.Argument(callback=_is_backbone, metavar="BACKBONE")]
RankingOption = Annotated[
    str | None,
    typer.Option(metavar="RANKING", callback=_is_ranking, help="Such as cosine. Default: that of the search page."),
]
RankingsOption = Annotated[
    list[str] | None,
    typer.Option(
        "--ranking",
        metavar="RANKING",
        callback=_is_ranking,
        help="May be repeated. Default: cosine, as in the study; no-match measures all.",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]


def chosen_backbones(recommender: "Recommender", names: list[str] | None) -> list[Backbone]:
    """The named backbones, each once, or the default one."""
    return [BACKBONES[name] for name in dict.fromkeys(names or ())] or [recommender.default_backbone()]
