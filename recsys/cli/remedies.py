"""Errors on the command line: what is wrong, and the commands that fix it."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from embeddings.errors import (
    AddWeights,
    FetchWeights,
    InstallCluster,
    InstallRequirements,
    KalcareError,
    Remedy,
    UseMirror,
)
from recsys.cli.console import print_note
from recsys.errors import BuildDemo, EncodeCatalogue, FetchCatalogue, ImportAgain, ImportCatalogue

if TYPE_CHECKING:
    from embeddings.models.backbones import Backbone
    from recsys.search.ranking import Ranking
    from recsys.search.recommender import Recommender

_PHRASES: dict[type[Remedy], str] = {
    FetchWeights: "`python -m recsys backbones fetch {backbone}`",
    AddWeights: "`python -m recsys backbones add {backbone} FILE`",
    UseMirror: "RECSYS_WEIGHTS_MIRROR set to an http address that serves the file",
    EncodeCatalogue: "`python -m recsys embed {backbone}`",
    BuildDemo: "`python -m recsys demo`",
    ImportCatalogue: "`python -m recsys catalogue import FILE.csv`",
    ImportAgain: "`python -m recsys catalogue import FILE.csv` again",
    FetchCatalogue: "`python -m recsys catalogue fetch`",
    InstallRequirements: "`make setup` after removing `.venv`",
    InstallCluster: "`make setup-cluster`",
}


def error_text(error: KalcareError) -> str:
    """The error's message with its remedies."""
    return remedied(str(error), error.remedies)


def remedied(text: str, remedies: Iterable[Remedy]) -> str:
    """What is wrong, with the commands that mend it, if any."""
    phrases = [_PHRASES[type(remedy)].format(**vars(remedy)) for remedy in remedies]
    return f"{text.rstrip('.')}: try {', or '.join(phrases)}." if phrases else text


def print_shortfall(recommender: "Recommender", ranking: "Ranking", backbone: "Backbone") -> None:
    """Print on standard error what a ranking lacks for its best results, if anything."""
    if shortfall := recommender.shortfall(ranking, backbone):
        print_note(f"Note: {error_text(shortfall)}")
