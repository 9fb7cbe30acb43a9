import re

import pytest
import vl_convert
from statsmodels.stats.proportion import proportion_confint

from recsys.survey.summary import Share
from recsys.ui.usage.charts import Bar, NamedShare, bars_chart, shares_chart
from tests.hostile import HOSTILE


def rows(chart) -> list[dict]:
    (data,) = chart.to_dict()["datasets"].values()
    return data


def written(chart) -> str:
    """The chart's specification."""
    return vl_convert.vegalite_to_svg(chart.to_dict())


def test_few_are_drawn_hollow_and_many_filled() -> None:
    many, few = rows(shares_chart([NamedShare("A", Share(20, 30), ""), NamedShare("B", Share(29, 29), "")]))
    assert many["fill"] != "transparent"
    assert few["fill"] == "transparent"


@pytest.mark.parametrize(("count", "total"), [(0, 7), (7, 7), (20, 30)])
def test_a_share_is_drawn_on_its_interval(count: int, total: int) -> None:
    (row,) = rows(shares_chart([NamedShare("A", Share(count, total), "")]))
    assert row["share"] == count / total
    assert (row["low"], row["high"]) == pytest.approx(proportion_confint(count, total, method="wilson"))


def test_bars_are_as_long_as_their_figures() -> None:
    drawn = written(bars_chart([Bar("A", 40, ""), Bar("B", 10, ""), Bar("C", 0, "")]))
    lengths = [float(end) for end in re.findall(r'd="M0,[\d.]+h([\d.]+)v14', drawn)]
    assert [length / max(lengths) for length in lengths] == [1, 0.25, 0]


def test_every_name_and_figure_is_written_as_text() -> None:
    for chart in (bars_chart([Bar(HOSTILE, 3, "3 of 4")]), shares_chart([NamedShare(HOSTILE, Share(3, 4), "3 of 4")])):
        drawn = written(chart)
        assert "&lt;script&gt;document.title" in drawn and "<script" not in drawn
        assert "3 of 4" in drawn


def test_rows_keep_their_order() -> None:
    drawn = written(bars_chart([Bar(name, number, "") for number, name in enumerate("CAB")]))
    assert re.findall(r">([ABC])</text>", drawn) == ["C", "A", "B"]
