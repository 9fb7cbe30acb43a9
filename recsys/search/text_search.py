"""Search by words: SQLite's FTS5 over the catalogue's texts, forgiving typing errors made on a phone."""

import re
import sqlite3
import threading
import unicodedata
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rapidfuzz.distance import OSA

from recsys.catalogue.products import Product

MAX_CHARACTERS = 200
_MAX_WORDS = 12
_MAX_CORRECTIONS = 4
_SHORTEST_PART, _SHORTEST_CORRECTED = 3, 4

_FITTING = "select rowid from texts(?)"
# The weight of a word in the name, the brand, the category and the description.
_RANKED = "select rowid from texts(?) order by bm25(texts, 10.0, 5.0, 5.0, 1.0), rowid"

_WORD = re.compile(r"[^\W_]+")
_NUMBER_OR_LETTERS = re.compile(r"\d+|\D+")
_THOUSANDS = re.compile(r"(?<=\d)[.,](?=\d{3}(?!\d))")  # 1.000 mg is 1000 mg
_QUANTITY = re.compile(r"(\d+)([^\W\d_]+)")
_UNITS = {
    spelling: spellings
    for spellings in (
        ("g", "gr", "gram", "grams", "gm"), ("kg", "kilo", "kilogram"), ("mg", "miligram", "milligram"),
        ("mcg", "ug", "mikrogram", "microgram"), ("l", "lt", "ltr", "liter", "litre"),
        ("ml", "mililiter", "milliliter", "millilitre"), ("cl",), ("oz",), ("iu",),
    )
    for spelling in spellings
}  # fmt: skip
_NUMBER_IN_NUMBER = re.compile(r"\d+[^\W\d_]+\d+")  # 2in1
_PACK = re.compile(  # 12x330ml, 12 x 330 ml
    rf"(?<![^\W_])(\d+) ?[x\u00d7] ?(\d+)( (?:{'|'.join(_UNITS)})|[^\W\d_]*)(?![^\W_])"
)
_SYNONYMS = Path(__file__).with_name("synonyms.txt")


@dataclass(frozen=True)
class TextMatches:
    """The matching products, best first, and how the words were understood.

    `corrections` are the words that were replaced, as (typed, replacement); `unknown` the words that no product has,
    which were ignored. `all_words` says whether the products have all the other words, or only most.
    """

    products: tuple[Product, ...]
    corrections: tuple[tuple[str, str], ...] = ()
    unknown: tuple[str, ...] = ()
    all_words: bool = True


@dataclass(frozen=True)
class _Reading:
    """The meanings of a typed word: words or phrases that products have, and beginnings of such."""

    typed: str
    words: tuple[str, ...] = ()
    beginnings: tuple[str, ...] = ()
    taken_for: str = ""
    apart: tuple["_Reading", ...] = ()  # a further meaning: two words that were typed apart

    @property
    def expression(self) -> str:
        """The word in FTS5's query language; a quoted string is always text, whatever it contains."""
        terms = [f'"{word}"' for word in self.words] + [f'"{beginning}"*' for beginning in self.beginnings]
        if self.apart:
            terms.append(f"({' AND '.join(reading.expression for reading in self.apart)})")
        return f"({' OR '.join(terms)})"


class TextSearch:
    """An in-memory index of products by their texts. Safe to share between threads."""

    def __init__(self, products: Sequence[Product]) -> None:
        self._products = tuple(products)
        self._names = [" ".join(_WORD.findall(searchable(product.name))) for product in products]
        self._lock = threading.Lock()
        self._database = sqlite3.connect(":memory:", check_same_thread=False)
        self._database.execute("create virtual table texts using fts5(name, brand, category, description, content='')")
        self._database.executemany(
            "insert into texts(rowid, name, brand, category, description) values (?, ?, ?, ?, ?)",
            ((row, *_texts(product)) for row, product in enumerate(products)),
        )
        self._database.execute("create virtual table vocabulary using fts5vocab(texts, row)")
        self._frequencies: dict[str, int] = dict(self._database.execute("select term, doc from vocabulary"))
        self._meanings = _meanings(self._frequencies)
        self._known = sorted(self._meanings)

    def __len__(self) -> int:
        return len(self._products)

    def find(self, text: str) -> TextMatches:
        """Find the products that have every word of `text`, or, if none has, those that have most of them.

        A product has a word if one of its words is the same, begins with it, means the same, or, failing all these, is
        its likeliest correction. Any text is a valid query; one without a known word finds nothing.
        """
        typed = _WORD.findall(searchable(text[:MAX_CHARACTERS]))[:_MAX_WORDS]
        readings = self._readings(typed)
        known = [reading for reading in readings if reading.words or reading.beginnings]
        expressions = [reading.expression for reading in known]
        rows = self._rows(" AND ".join(expressions)) if known else []
        has_all = bool(rows) or len(known) < 2
        if not has_all:
            rows = self._rows_with_most(expressions)
        name = " ".join(typed)
        rows.sort(key=lambda row: self._names[row] != name)  # an exact match of the name comes first
        return TextMatches(
            tuple(self._products[row] for row in rows),
            tuple((reading.typed, reading.taken_for) for reading in known if reading.taken_for),
            tuple(reading.typed for reading in readings if reading not in known),
            has_all,
        )

    def _readings(self, typed: Sequence[str]) -> list[_Reading]:
        """The meanings of the typed words; two that the shop writes as one word are also read as one, and `2 in 1`."""
        readings, place = [], 0
        while place < len(typed):
            three = "".join(typed[place : place + 3])
            if three in self._frequencies and typed[place] != three and _NUMBER_IN_NUMBER.fullmatch(three):
                readings.append(self._read(three, is_last=False))
                place += 3
                continue
            word, following = typed[place], typed[place + 1 : place + 2]
            joined = "".join((word, *following)) if following else ""
            is_last = place + 2 >= len(typed)
            quantity = self._quantity(joined) or (None if joined else self._quantity(word))
            if joined and (quantity or joined in self._meanings or (is_last and self._begins_long(joined))):
                known = quantity or self._read(joined, is_last=is_last)
                parts = tuple(self._read_parts(word, is_last=False) + self._read_parts(following[0], is_last=is_last))
                apart = parts if all(part.words or part.beginnings for part in parts) else ()
                readings.append(replace(known, apart=() if quantity else apart))
                place += 2
                continue
            quantity = self._quantity(word)
            readings += [quantity] if quantity else self._read_parts(word, is_last=place + 1 == len(typed))
            place += 1
        return readings

    def _read_parts(self, word: str, *, is_last: bool) -> list[_Reading]:
        parts = self._split(word)
        return [self._read(part, is_last=is_last and number == len(parts)) for number, part in enumerate(parts, 1)]

    def _begins_long(self, word: str) -> bool:
        return len(word) > _SHORTEST_CORRECTED and not word.isdigit() and self._begins(word)

    def _quantity(self, word: str) -> _Reading | None:
        """A number with its unit, in every spelling of the unit that products use; None if no product has it."""
        found = _QUANTITY.fullmatch(word)
        if not found or found[2] not in _UNITS:
            return None
        spellings = [f"{found[1]}{space}{unit}" for unit in _UNITS[found[2]] for space in ("", " ")]
        had = tuple(spelling for spelling in spellings if self._selected(_FITTING, f'"{spelling}"'))
        return _Reading(word, had) if had else None

    def _rows(self, expression: str) -> list[int]:
        """The rows that match an FTS5 expression, best first."""
        return self._selected(_RANKED, expression)

    def _rows_with_most(self, expressions: Sequence[str]) -> list[int]:
        """The rows that match the largest number of expressions, best first."""
        counts = Counter(row for expression in expressions for row in self._selected(_FITTING, expression))
        most = max(counts.values(), default=0)
        return [row for row in self._rows(" OR ".join(expressions)) if counts[row] == most]

    def _selected(self, statement: str, expression: str) -> list[int]:
        with self._lock:
            return [row for (row,) in self._database.execute(statement, (expression,))]

    def _split(self, word: str) -> list[str]:
        """The word itself, or its parts if a space was forgotten: `150g`, `oatmilk`, `vitaminc`."""
        if word in self._meanings or self._begins(word):
            return [word]
        parts = _NUMBER_OR_LETTERS.findall(word)
        if len(parts) > 1 and all(part in self._meanings for part in parts):
            return parts
        for cut in range(_SHORTEST_PART, len(word)):
            first, second = word[:cut], word[cut:]
            are_words = first in self._meanings and second in self._meanings
            if are_words and (len(second) >= _SHORTEST_PART or self._selected(_FITTING, f'"{first} {second}"')):
                return [first, second]
        return [word]

    def _read(self, word: str, *, is_last: bool) -> _Reading:
        if word in self._meanings:
            # Only the last word may be unfinished. A single letter or number, as in "vitamin c", is taken as it is.
            is_finished = not is_last or len(word) == 1 or word.isdigit()
            reading = _Reading(word, self._meanings[word], () if is_finished else (word,))
            return self._with_phrases(reading)
        if self._begins(word):
            return self._with_phrases(_Reading(word, beginnings=(word,)))
        corrections = self._corrections(word)
        if corrections or not is_last:
            words = dict.fromkeys(meaning for correction in corrections for meaning in self._meanings[correction])
            return _Reading(word, tuple(words), taken_for="".join(corrections[:1]))
        beginnings = sorted(_nearest(word, {known[: len(word)] for known in self._known if len(known) > len(word)}))
        return _Reading(word, (), tuple(beginnings[:_MAX_CORRECTIONS]), "".join(f"{one}…" for one in beginnings[:1]))

    def _with_phrases(self, reading: _Reading) -> _Reading:
        """The same for a known word and the phrases that other products write instead: `kayu putih` for `kayuputih`."""
        word = reading.typed
        cuts = [(word[:cut], word[cut:]) for cut in range(_SHORTEST_PART, len(word))]
        parts = [_NUMBER_OR_LETTERS.findall(word), *(cut for cut in cuts if cut[0] in self._frequencies)]
        phrases = {" ".join(part): part[-1] for part in parts if len(part) > 1}
        written = [phrase for phrase in phrases if self._selected(_FITTING, f'"{phrase}"')]
        begun = [
            phrase
            for phrase, last in phrases.items()
            if reading.beginnings and len(last) >= _SHORTEST_PART and not last.isdigit()
            if self._selected(_FITTING, f'"{phrase}"*')
        ]
        return replace(reading, words=(*reading.words, *written), beginnings=(*reading.beginnings, *begun))

    def _begins(self, word: str) -> bool:
        """Whether products have a word that begins like this."""
        place = bisect_left(self._known, word)
        return place < len(self._known) and self._known[place].startswith(word)

    def _corrections(self, word: str) -> list[str]:
        """The nearest known words; equally near ones by the same beginning, then by frequency."""
        nearest = _nearest(word, self._known)
        nearest.sort(key=lambda known: (known[0] != word[0], -self._frequencies.get(known, 0)))
        return nearest[:_MAX_CORRECTIONS]


def searchable(text: str) -> str:
    """The text as it is indexed and searched: folded, without thousands separators, pack contents split."""
    return _PACK.sub(_pack_with_content, _THOUSANDS.sub("", folded(text)))


def _pack_with_content(pack: re.Match[str]) -> str:
    count, number, unit = pack.groups()
    content = f"{number}{unit.strip()}"
    return f"{count}x{content} {content}"


def folded(text: str) -> str:
    """The text without accents and capitals, with one spelling for each letter."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def _texts(product: Product) -> list[str]:
    return [searchable(text) for text in (product.name, product.brand, product.category, product.description)]


def _meanings(frequencies: dict[str, int]) -> dict[str, tuple[str, ...]]:
    """The meanings of each word a shopper may type: itself and its synonyms, as far as products have them."""
    meanings: dict[str, tuple[str, ...]] = {word: (word,) for word in frequencies}
    for line in _SYNONYMS.read_text(encoding="utf-8").splitlines():
        synonyms = [] if line.startswith("#") else line.split()
        had = [word for word in synonyms if word in frequencies]
        for word in synonyms if had else ():
            # A word the products use counts twice, so that its synonyms come after it.
            meanings[word] = (*meanings.get(word, ()), *had)
    return meanings


def _nearest(word: str, known: Iterable[str]) -> list[str]:
    """The known words with the fewest typing errors relative to `word`, within the allowed number."""
    allowed = _errors_allowed(word)
    errors = {
        one: OSA.distance(word, one, score_cutoff=allowed)
        for one in known
        if len(one) >= _SHORTEST_CORRECTED and abs(len(one) - len(word)) <= allowed
    }
    fewest = min(errors.values(), default=0)
    return [one for one, number in errors.items() if number == fewest <= allowed]


def _errors_allowed(word: str) -> int:
    """How many letters may be wrong, missing, extra, or swapped with the next; numbers are never corrected."""
    if len(word) < _SHORTEST_CORRECTED or any(letter.isdigit() for letter in word):
        return 0
    return 1 if len(word) < 7 else 2
