"""CSV as spreadsheets and shops write it: every line becomes either fields or a fault, and none is lost."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

DELIMITERS = ",;\t|"  # spreadsheets write the separator that is usual in their country
_LINE_END = re.compile(r"\r\n|\r|\n")
_CLOSING_QUOTE = re.compile(r'(?:[^"]++|"")*+"')
_SEPARATOR_LINE = re.compile(r"sep=(.)\s*", re.IGNORECASE)
_MAX_LINES_OF_A_ROW = 1000
_NUM_TITLE_LINES = 10
_EXTENSION = r"\.(?:jpe?g|png|webp|avif|gif|hei[cf]|jfif)"
_PICTURE = re.compile(  # `img/7` is one, `5000/kg` is not
    rf"(?:[^\W\d][^\s/]*|\.\.?)?/\S+|www\.\S+|.*{_EXTENSION}|[^?]*{_EXTENSION}\?\S*", re.IGNORECASE
)


@dataclass(frozen=True)
class CsvLine:
    """A row of a table with its number, the first line of the file being 1; with a `fault` it has no fields."""

    number: int
    fields: tuple[str, ...] = ()
    fault: str = ""


@dataclass(frozen=True)
class CsvTable:
    """The header, in lower case, and every row below it that is not empty."""

    header: tuple[str, ...]
    lines: tuple[CsvLine, ...]
    title_lines: int = 0

    def values(self, line: CsvLine, columns: Collection[str]) -> dict[str, str]:
        """A row's values of these columns, stripped."""
        return {name: value.strip() for name, value in zip(self.header, line.fields, strict=False) if name in columns}


def read_text(path: Path) -> str:
    """Read a UTF-8 file. Raises OSError, and ValueError that says what it is instead."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"another encoding in {path} (byte {error.start})") from None
    if "\0" in text.partition("\n")[0]:
        raise ValueError(f"UTF-16 or binary data in {path}")
    return text


def read_table(text: str, columns: Collection[str], picture_columns: Sequence[str]) -> CsvTable:
    """Read a CSV that should have some of these columns, one of which names a picture: the first that it has of those.

    The separator, the header's line and a line that declares the separator are detected.
    """
    lines = _LINE_END.split(text)
    named = _SEPARATOR_LINE.fullmatch(lines[0])
    first = 1 if named else 0
    candidates = [
        (delimiter, number)
        for number in range(first, min(first + _NUM_TITLE_LINES, len(lines)))
        for delimiter in (named[1] if named else DELIMITERS)
    ]
    headers = {candidate: _names(lines[candidate[1]], candidate[0], columns) for candidate in candidates}
    best = max(candidates, key=lambda candidate: len(set(columns).intersection(headers[candidate])), default=(",", 0))
    delimiter, place = best
    header = headers.get(best, ())
    rows = _rows(lines, place + 1, _Shape(delimiter, len(header), _position(header, picture_columns)))
    return CsvTable(header, tuple(rows), place - first)


@dataclass(frozen=True)
class _Shape:
    delimiter: str
    width: int
    picture: int

    def num_lines_before_swallowed(self, fields: Sequence[str]) -> int:
        """The number of a row's own lines if a quote that nobody closed has made one row of several; 0 if none has.

        A text of several lines, properly quoted, may itself contain what looks like a row: then the row is taken whole.
        The quote was open if the line it is on has as many fields as the header, or more, and either

        - it has its picture in the right place, and the rest of the line where the quote closes is a row as well;
        - it has its picture in the right place though the quote comes before it, or the whole has another number of
          fields than the header, and a line in between is a row; or
        - all lines in between are rows, and the one where the quote closes has the header's number of fields.
        """
        for place, field in enumerate(fields):
            if "\n" in field and self._is_open(fields, place):
                return 1 + sum(earlier.count("\n") for earlier in fields[:place])
        return 0

    def _is_open(self, fields: Sequence[str], place: int) -> bool:
        first, *between, last = fields[place].split("\n")
        head = [*fields[:place], *first.split(self.delimiter)]
        tail = [*last.split(self.delimiter), *fields[place + 1 :]]
        if len(head) < self.width:
            return False
        rows = [self._is_row(line.split(self.delimiter)) for line in between]
        # The open text may hold separators, so that a column behind it is counted from the end.
        column = self.picture if place > self.picture else self.picture - self.width
        if rows and all(rows) and len(tail) == self.width:
            return True
        may_hold_rows = place > self.picture and len(fields) == self.width
        return _is_picture(head[column]) and (self._is_row(tail) or (any(rows) and not may_hold_rows))

    def _is_row(self, fields: Sequence[str]) -> bool:
        return len(fields) == self.width > 1 and _is_picture(fields[self.picture])


def _is_picture(field: str) -> bool:
    return bool(_PICTURE.fullmatch(field.strip(' "')))


def _position(header: Sequence[str], columns: Sequence[str]) -> int:
    return next((header.index(column) for column in columns if column in header), 0)


def _names(line: str, delimiter: str, columns: Collection[str]) -> tuple[str, ...]:
    names = [field.strip().lower() for field in _fields(iter([line]), delimiter) or ()]
    spelled = [re.sub(r"[ -]+", "_", name) for name in names]  # Product ID is product_id
    return tuple(ours if ours in columns else name for ours, name in zip(spelled, names, strict=True))


def _rows(lines: Sequence[str], start: int, shape: _Shape) -> Iterator[CsvLine]:
    place = start
    while place < len(lines):
        fields, used, fault = _row(lines, place, shape)
        if fault or any(field.strip() for field in fields):
            yield CsvLine(place + 1, tuple(fields), fault)
        place += used


def _row(lines: Sequence[str], place: int, shape: _Shape) -> tuple[list[str], int, str]:
    """(fields, lines used, fault): a row with bad quoting uses only its first line, or those before an open quote."""
    line = lines[place]
    if '"' not in line:
        return line.split(shape.delimiter), 1, ""
    end = min(len(lines), place + _MAX_LINES_OF_A_ROW)
    fields = _fields((lines[number] for number in range(place, end)), shape.delimiter)
    if fields is None:
        return (
            [],
            1,
            "Expected a closed quote, the file ends without one: close it, or double the quotes in a text.",
        )
    if not fields:
        return [], 1, "Expected a CSV row, got bad quoting: double the quotes inside quoted text."
    own_lines = shape.num_lines_before_swallowed(fields)
    if own_lines:
        return (
            [],
            own_lines,
            "Expected a closed quote, it would swallow the rows below: close it, or double the quotes in a text.",
        )
    return fields, 1 + sum(field.count("\n") for field in fields), ""


def _fields(lines: Iterator[str], delimiter: str) -> list[str] | None:
    """The fields of the first row; None if the lines end in an open quote, and an empty list if the quoting is bad."""
    fields, place, line = [], 0, next(lines)
    while True:
        start = place
        while line[start : start + 1] == " ":
            start += 1
        if line[start : start + 1] == '"':
            start += 1
            texts = []
            while (closed := _CLOSING_QUOTE.match(line, start)) is None:
                texts.append(line[start:])
                following = next(lines, None)
                if following is None:
                    return None
                line, start = following, 0
            place = closed.end()
            value = "\n".join([*texts, line[start : place - 1]]).replace('""', '"')
            while line[place : place + 1] == " ":
                place += 1
            if place < len(line) and line[place] != delimiter:
                return []
        else:
            end = line.find(delimiter, place)
            end = len(line) if end < 0 else end
            value, place = line[place:end], end
        fields.append(value)
        if place >= len(line):
            return fields
        place += 1
