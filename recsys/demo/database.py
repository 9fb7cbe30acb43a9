"""The demo shop's database: a schema such as shops have, and the query that exports its catalogue."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing

from recsys.demo.assortment import Item

SCHEMA = """
create table brands (id integer primary key, name text not null unique);
create table categories (
    id integer primary key,
    name text not null unique,
    parent_id integer references categories (id)
);
create table products (
    id text primary key,
    name text not null,
    brand_id integer not null references brands (id),
    category_id integer not null references categories (id),
    pack text not null,
    variant text not null,
    net_content text not null,
    price_idr integer not null check (price_idr > 0),
    description text not null,
    gtin text not null unique,
    status text not null check (status in ('active', 'inactive'))
);
create table images (
    id integer primary key,
    product_id text not null references products (id),
    position integer not null,
    path text not null,
    unique (product_id, position)
);
create index images_of_products on images (product_id);
"""

EXPORT = """-- The catalogue: every active product that has an image, with its first image.
select
    products.id as product_id,
    products.name as name,
    brands.name as brand,
    categories.name as category,
    products.price_idr as price,
    'IDR' as currency,
    images.path as image_url,
    products.description as description,
    products.gtin as gtin
from products
join brands on brands.id = products.brand_id
join categories on categories.id = products.category_id
join images on images.product_id = products.id and images.position = 1
where products.status = 'active'
order by products.id
"""


def image_path(product_id: str) -> str:
    """Where a product's picture is, relative to the shop's folder."""
    return f"images/{product_id}.jpg"


def database_file(items: Sequence[Item]) -> bytes:
    """The shop's SQLite database as the content of a file."""
    brand_ids = {name: index for index, name in enumerate(sorted({item.line.brand for item in items}), 1)}
    shelves = {name: index for index, name in enumerate(sorted({item.line.category for item in items}), 1)}
    with closing(sqlite3.connect(":memory:")) as database, database:
        database.executescript(SCHEMA)
        database.executemany("insert into brands values (?, ?)", [(index, name) for name, index in brand_ids.items()])
        database.executemany(
            "insert into categories values (?, ?, null)", [(index, name) for name, index in shelves.items()]
        )
        database.executemany(
            "insert into products values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [_row(item, brand_ids[item.line.brand], shelves[item.line.category]) for item in items],
        )
        database.executemany(
            "insert into images (product_id, position, path) values (?, 1, ?)",
            [(item.product_id, image_path(item.product_id)) for item in items if item.stock != "no image"],
        )
        database.commit()
        return database.serialize()


def _row(item: Item, brand_id: int, category_id: int) -> tuple[str | int, ...]:
    status = "inactive" if item.stock == "inactive" else "active"
    return (
        item.product_id, item.name, brand_id, category_id, item.line.pack, item.flavour.label, item.weight,
        item.price, item.description, item.gtin, status,
    )  # fmt: skip
