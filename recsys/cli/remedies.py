"""Failures as the command line tells them: what is wrong, and the commands that mend it."""

from embeddings.errors import AddWeights, FetchWeights, KalcareError, Remedy, UseMirror
from recsys.errors import BuildDemo, EncodeCatalogue, ImportCatalogue

_PHRASES: dict[type[Remedy], str] = {
    FetchWeights: "`python -m recsys backbones fetch {backbone}`",
    AddWeights: "`python -m recsys backbones add {backbone} FILE`",
    UseMirror: "RECSYS_WEIGHTS_MIRROR set to an http address that serves the file",
    EncodeCatalogue: "`python -m recsys embed {backbone}`",
    BuildDemo: "`python -m recsys demo`",
    ImportCatalogue: "`python -m recsys catalogue import FILE.csv`",
}


def error_text(error: KalcareError) -> str:
    """The error's message with its remedies."""
    if not error.remedies:
        return str(error)
    phrases = [_PHRASES[type(remedy)].format(**vars(remedy)) for remedy in error.remedies]
    return f"{str(error).rstrip('.')}: try {', or '.join(phrases)}."
