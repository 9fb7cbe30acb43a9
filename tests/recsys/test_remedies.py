"""Every remedy is phrased wherever errors are shown."""

import pytest

from embeddings.errors import (
    AddWeights,
    FetchWeights,
    InstallCluster,
    InstallRequirements,
    KalcareError,
    Remedy,
    UseMirror,
    WeightsError,
)
from recsys.cli.remedies import error_text
from recsys.errors import BuildDemo, CatalogueError, EncodeCatalogue, FetchCatalogue, ImportAgain, ImportCatalogue
from recsys.ui.shell.failures import remedy_text

REMEDIES = [
    FetchWeights("VGG16"),
    AddWeights("VGG16"),
    UseMirror(),
    EncodeCatalogue("VGG16"),
    BuildDemo(),
    ImportCatalogue(),
    ImportAgain(),
    FetchCatalogue(),
    InstallRequirements(),
    InstallCluster(),
]


def test_no_remedy_is_forgotten_here() -> None:
    assert {type(remedy) for remedy in REMEDIES} == set(Remedy.__subclasses__())


@pytest.mark.parametrize("remedy", REMEDIES)
def test_a_page_says_a_remedy_without_a_command(remedy: Remedy) -> None:
    assert "recsys" not in remedy_text(remedy)
    assert ("VGG16" in remedy_text(remedy)) == hasattr(remedy, "backbone")


@pytest.mark.parametrize("remedy", REMEDIES)
def test_the_command_line_says_each_remedy(remedy: Remedy) -> None:
    text = error_text(KalcareError("Expected more.", remedies=(remedy,)))
    assert text.startswith("Expected more: try ")
    assert ("VGG16" in text) == hasattr(remedy, "backbone")


def test_several_remedies_are_a_choice() -> None:
    error = CatalogueError("Expected a catalogue in x, found none.", remedies=(BuildDemo(), ImportCatalogue()))
    assert error_text(error) == (
        "Expected a catalogue in x, found none: try `python -m recsys demo`, "
        "or `python -m recsys catalogue import FILE.csv`."
    )


def test_an_error_without_a_remedy_is_printed_unchanged() -> None:
    assert error_text(WeightsError("Expected less.")) == "Expected less."
