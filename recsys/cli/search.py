"""`search`: products for a photo."""

from pathlib import Path
from typing import Annotated

import typer

from recsys.cli.console import print_json, print_line, print_note
from recsys.cli.options import BackboneOption, JsonOption, RankingOption, chosen_backbones
from recsys.cli.remedies import print_shortfall
from recsys.num_matches import NUM_MATCHES
from recsys.settings import load_settings

app = typer.Typer()


@app.command()
def search(
    photo: Annotated[Path, typer.Argument(metavar="PHOTO")],
    backbone: BackboneOption = None,
    top: Annotated[int, typer.Option(min=1, help="How many products.")] = NUM_MATCHES,
    ranking: RankingOption = None,
    as_json: JsonOption = False,
) -> None:
    """Find the products most similar to a photo."""
    from embeddings.imaging.photos import read_photo
    from recsys.search.barcodes import read_barcodes
    from recsys.search.rankings import RANKINGS
    from recsys.search.recommender import Recommender, result_json

    recommender = Recommender(load_settings())
    chosen = chosen_backbones(recommender, [backbone] if backbone else None)[0]
    order = RANKINGS[ranking] if ranking else recommender.default_ranking(chosen)
    print_shortfall(recommender, order, chosen)
    pixels = read_photo(photo)
    query = recommender.encode(pixels, chosen, rankings=[order])
    gtins = [code.gtin for code in read_barcodes(pixels)]
    result = recommender.search(query, top=top, ranking=order, gtins=gtins)
    if as_json:
        print_json(result_json(result))
        return
    for match in result.matches:
        name = " ".join(match.product.name.split())
        sure = "  (the same product)" if match.is_confirmed else ""
        sure = "  (same barcode)" if match.has_same_barcode else sure
        print_line(f"{match.rank:>3}  {match.similarity:.3f}  {match.product.product_id}  {name}{sure}")
    if result.missed_barcode:
        print_note(f"No product of the catalogue has the photo's barcode, {result.missed_barcode}.")
    elif result.has_good_match is False:
        print_note("None of these is a good match: the catalogue seems to have nothing like it.")
    print_note(
        f"{result.num_products:,} products, {result.backbone.name}: "
        f"encoded in {result.encode_ms:.0f} ms, compared in {result.search_ms:.1f} ms."
    )
