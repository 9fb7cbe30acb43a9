import csv
import io
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys.csv_lines import read_table

COLUMNS = ("product_id", "name", "image_url")
HEADER = "product_id,name,image_url\n"


def ids(text: str) -> list[str]:
    """The id of each row, or a mark that it is faulty, with its line."""
    table = read_table(text, COLUMNS, ("image_url",))
    return [f"fault {line.number}" if line.fault else line.fields[0] for line in table.lines]


SWALLOWING = {
    'A1,"Papan 12 inci,p0.jpg\nA2,Susu,p1.jpg\nA3,Layar 15",p2.jpg\nA4,Teh,p3.jpg': ["fault 2", "A2", "A3", "A4"],
    'A1,"Kardus 12\\"",p0.jpg\nA2,Susu,p1.jpg\nA3,"Kopi, bubuk",p3.jpg\nA4,Gula,p4.jpg': ["fault 2", "A2", "A3", "A4"],
    'A1,"Susu,p0.jpg\nA2,Ok,p1.jpg\nA3,"Teh, manis",p2.jpg\nA4,Ok,p3.jpg': ["fault 2", "A2", "A3", "A4"],
    'A1,"Susu,p0.jpg\nA2,Teh,p1.jpg': ["fault 2", "A2"],
    'A1,Layar 15",p0.jpg\nA2,Teh,p1.jpg': ["A1", "A2"],
    'A1,"Papan, x,p0.jpg\nA2,Teh,p1.jpg\nA3,Layar",p2.jpg\nA4,Gula,p3.jpg': ["fault 2", "A2", "A3", "A4"],
    'A1,"Papan, x,p0.jpg\nA2,Teh,p1.jpg\nA3,Layar, 15",p2.jpg\nA4,Gula,p3.jpg': ["fault 2", "A2", "A3", "A4"],
    'A1,"Papan,p0.jpg?v=1\nA2,Teh 5",p1.jpg?v=1\nA3,Kopi,p2.jpg?v=1': ["fault 2", "A2", "A3"],
    'A1,"Papan,img/p0\nA2,Teh 5",img/p1\nA3,Kopi,img/p2': ["fault 2", "A2", "A3"],
    'A1,"Papan,\nA2,Teh,p1.jpg\nA3,Layar",p2.jpg\nA4,Gula,p3.jpg': ["fault 2", "A2", "A3", "A4"],
    'A1,"Kopi\nsusu","p0.jpg\nA2,Teh,p1.jpg\nA3,Gula,p2.jpg"\nA4,Es,p3.jpg': ["fault 2", "A2", "A3", "A4"],
    'A1,"Two\nlines, and a comma",p0.jpg\nA2,Teh,p1.jpg': ["A1", "A2"],
    'A1,"A table:\nA9,Fake,p5.jpg\nend",p0.jpg\nA2,Teh,p1.jpg': ["A1", "A2"],
    'A1,"Kopi, enak, 5000/kg\nTeh, enak, 6000/kg",p0.jpg\nA2,Teh,p1.jpg': ["A1", "A2"],
}


@pytest.mark.parametrize("rows", SWALLOWING)
def test_an_open_quote_costs_its_own_row_and_no_other(rows: str) -> None:
    assert ids(HEADER + rows) == SWALLOWING[rows]


DESCRIBED = {
    'A1,Susu,p0.jpg,"table:\nA9,Fake,p5.jpg,desc\nend"\nA2,Teh,p1.jpg,b': ["A1", "A2"],
    'A1,"Susu\nSegar",p0.jpg,"1\n\n""2"", p9.jpg\nx,y,p8.jpg,z\n"\nA2,Teh,p1.jpg,"a\nb"': ["A1", "A2"],
    'A1,Susu,p0.jpg,"12 inci\nA2,Teh,p1.jpg,b\nA3,Layar,p2.jpg,15"\nA4,Gula,p3.jpg,c': ["fault 2", "A2", "A3", "A4"],
    'A1,"Kopi, x",p0.jpg,"12, 5\nA2,Teh,p1.jpg,15"\nA3,Gula,p3.jpg,c': ["fault 2", "A2", "A3"],
    'A1,Susu,p0.jpg,"12 inci\nA2,Teh,p1.jpg,b\nA3,Layar,,15"\nA4,Gula,p3.jpg,c': ["fault 2", "A2", "A3", "A4"],
}


@pytest.mark.parametrize("rows", DESCRIBED)
def test_a_text_of_several_lines_behind_the_picture_stays_whole_unless_it_ends_in_a_row(rows: str) -> None:
    assert ids("product_id,name,image_url,description\n" + rows) == DESCRIBED[rows]


@pytest.mark.parametrize(
    "text",
    [
        "sep=;\nproduct_id;name;image_url\nA1;Susu, manis;a.jpg\n",
        'Products of 2026-11-01,,\n\nproduct_id,name,image_url\nA1,"Susu, manis",a.jpg\n',
        '"product_id", "name", "image_url"\n"A1", "Susu, manis", "a.jpg"\n',
        "PRODUCT_ID\tname\timage_url\rA1\tSusu, manis\ta.jpg\r",
        "product_id|name|image_url\r\nA1|Susu, manis|a.jpg",
    ],
)
def test_lines_that_spreadsheets_put_around_a_table_are_ignored(text: str) -> None:
    table = read_table(text, COLUMNS, ("image_url",))
    assert table.header == COLUMNS
    assert [line.fields for line in table.lines] == [("A1", "Susu, manis", "a.jpg")]


cells = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), max_size=12)


@given(st.lists(st.tuples(st.integers(0, 999).map(str), cells, cells), max_size=8), st.sampled_from([",", ";", "\t"]))
def test_what_pythons_writer_writes_is_read_back(rows: list[tuple[str, str, str]], delimiter: str) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows([COLUMNS, *rows])
    table = read_table(text.getvalue(), COLUMNS, ("image_url",))
    read = [tuple(field.replace("\r\n", "\n") for field in line.fields) for line in table.lines if not line.fault]
    faulty = {line.number for line in table.lines if line.fault}
    assert read == rows or faulty


@given(st.lists(st.text('ab", ;=\\', max_size=9), max_size=9))
def test_every_line_is_in_some_row_whatever_it_holds(lines: list[str]) -> None:
    marked = [f"id{number}{line}" for number, line in enumerate(lines)]
    table = read_table(HEADER + "\n".join(marked), COLUMNS, ("image_url",))
    told = " ".join([" ".join(line.fields) for line in table.lines] + [f"line {line.number}." for line in table.lines])
    for number in range(len(marked)):
        assert f"id{number}" in told or f"line {number + 2}." in told


def test_a_hundred_thousand_open_quotes_are_read_in_no_time() -> None:
    text = HEADER + 'A,"x,a.jpg\n' * 100_000
    assert len(read_table(text, COLUMNS, ("image_url",)).lines) >= 50_000


@pytest.mark.parametrize(("line", "is_read"), [('"' * 1000, False), ('b","c' + '"' * 1000, True)])
def test_a_row_of_many_long_lines_is_read_once(line: str, is_read: bool) -> None:
    text = HEADER + "\n".join(['1,"a', *[line] * 997, 'b"'])
    started = time.process_time()
    table = read_table(text, COLUMNS, ("image_url",))
    assert time.process_time() - started < 5
    assert (len(table.lines[0].fields) == 999) == is_read
