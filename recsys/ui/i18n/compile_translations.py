"""Compiles the languages' catalogues: `python -m recsys.ui.i18n.compile_translations`.

Babel's own command would do, but it mistakes "95% interval" for a printf template and refuses its translations.
"""

from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from embeddings.files import atomic_write

LOCALES = Path(__file__).parents[3] / "locales"
DOMAIN = "kalcare"


def compile_catalogues(locales: Path = LOCALES) -> None:
    """Write `<language>/LC_MESSAGES/kalcare.mo` next to every `kalcare.po`."""
    for source in locales.glob(f"*/LC_MESSAGES/{DOMAIN}.po"):
        with source.open("rb") as file, atomic_write(source.with_suffix(".mo")) as compiled:
            write_mo(compiled, read_po(file))


if __name__ == "__main__":
    compile_catalogues()
