import json
import re

import pytest
import vl_convert
from babel.numbers import format_decimal

from recsys.ui.charts import style as chart_style

NUMBERS = [0.25, 1.5, 1000, 12345.5]


@pytest.mark.parametrize("language", ["en", "id"])
def test_an_axis_writes_numbers_as_its_language_does(monkeypatch: pytest.MonkeyPatch, language: str) -> None:
    monkeypatch.setattr(chart_style, "language", lambda: language)  # there is no visitor here
    axis = {"values": NUMBERS, "labelExpr": chart_style.labels(",~g")}
    x = {"field": "x", "type": "quantitative", "axis": axis}
    chart = {"data": {"values": [{"x": number} for number in NUMBERS]}, "mark": "point", "encoding": {"x": x}}
    drawn = re.findall(r">([\d.,]+)</text>", vl_convert.vegalite_to_svg(json.dumps(chart)))
    assert drawn == [format_decimal(number, locale=language) for number in NUMBERS]
