"""The columns of `catalogue.csv`, written by the export and read by the import."""

REQUIRED_COLUMNS = ("product_id", "name", "image_url")
OPTIONAL_COLUMNS = ("brand", "category", "price", "currency", "description", "product_url", "gtin")
COLUMNS = REQUIRED_COLUMNS + OPTIONAL_COLUMNS
