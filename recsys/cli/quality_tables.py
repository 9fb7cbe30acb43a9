"""The tables printed by `evaluate`: each setting's figures, and the differences between two."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from recsys.cli.console import print_line

if TYPE_CHECKING:
    from recsys.catalogue.products import Catalogue
    from recsys.evaluation.comparison import ChangedQuery, Comparison, Difference
    from recsys.evaluation.records import Run
    from recsys.evaluation.runs import Evaluation

_NUM_CHANGES = 10


def print_quality(result: "Evaluation") -> None:
    """Print a table of the groups' metrics, with their intervals, and the times."""
    print_line(f"{result.backbone}, {result.ranking}")
    metrics = list(result.groups["all"].means)
    print_line(f"{'group':16}{'queries':>8}" + "".join(f"{metric:>21}" for metric in metrics))
    for name, group in result.groups.items():
        cells = (
            f"{group.means[metric]:.3f} [{group.ci95[metric][0]:.3f}, {group.ci95[metric][1]:.3f}]"
            for metric in metrics
        )
        print_line(f"{name:16}{group.num_queries:>8,}" + "".join(f"{cell:>21}" for cell in cells))
    print_line(
        f"encode {result.encode_ms.p50:.1f} ms (p95 {result.encode_ms.p95:.1f}), "
        f"search {result.search_ms.p50:.2f} ms (p95 {result.search_ms.p95:.2f})"
    )


def print_comparison(comparison: "Comparison", catalogue: "Catalogue") -> None:
    """Print how two runs differ, group by group, and the queries that changed most."""
    print_line(f"\nA  {_described(comparison.a)}\nB  {_described(comparison.b)}")
    print_line(
        f"{'group':16}{'queries':>8}  {'metric':8}{'A':>6}{'B':>7}{'B - A':>9}  {'95% interval':18}"
        f"{'won':>5}{'lost':>6}{'p':>8}  difference"
    )
    for name, group in comparison.groups.items():
        for metric, found in group.differences.items():
            print_line(f"{name:16}{group.num_queries:>8,}  {metric:8}{_figures(found)}")
    if comparison.num_unpaired:
        print_line(f"{comparison.num_unpaired:,} photos that only one of them could use are left out.")
    for title, queries in (("won", comparison.won), ("lost", comparison.lost)):
        _print_changes(title, queries, catalogue)


def _described(run: "Run") -> str:
    setting = run.evaluation.setting
    return f"{setting}, kept as {run.name}" if run.name else setting


def _figures(found: "Difference") -> str:
    low, high = found.ci95
    return (
        f"{found.a:>6.3f}{found.b:>7.3f}{found.difference:>+9.3f}  {f'[{low:+.3f}, {high:+.3f}]':18}"
        f"{found.won:>5,}{found.lost:>6,}{found.p_value:>8.2g}  {'real' if found.is_real else 'may be chance'}"
    )


def _print_changes(title: str, queries: Sequence["ChangedQuery"], catalogue: "Catalogue") -> None:
    if not queries:
        return
    better = "earlier" if title == "won" else "later"
    more = f", the {_NUM_CHANGES} largest changes (--json has all)" if len(queries) > _NUM_CHANGES else ""
    print_line(f"{title}: {len(queries):,} photos whose product comes {better} with B{more}")
    for query in queries[:_NUM_CHANGES]:
        product = catalogue.by_id.get(query.product_id)
        name = " ".join(product.name.split()) if product else ""
        print_line(f"  rank {query.rank_a:>5,} -> {query.rank_b:<5,}  {query.photo}  {query.product_id}  {name}")
