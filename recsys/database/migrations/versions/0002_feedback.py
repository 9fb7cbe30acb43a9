"""Usage: searches, and matches with their ratings."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the two usage tables."""
    op.create_table(
        "feedback_searches",
        sa.Column("key", sa.String(32), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("source", sa.String(8), nullable=False),
        sa.Column("backbone", sa.String(64), nullable=True),
        sa.Column("ranking", sa.String(32), nullable=True),
        sa.Column("encode_ms", sa.Double(), nullable=True),
        sa.Column("search_ms", sa.Double(), nullable=False),
        sa.CheckConstraint("source IN ('upload', 'camera', 'paste', 'sample', 'product', 'text')", name="source"),
        sa.PrimaryKeyConstraint("key", name="pk_feedback_searches"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "feedback_matches",
        sa.Column("search", sa.String(32), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.String(), nullable=False),
        sa.Column("is_it", sa.Boolean(), nullable=False),
        sa.Column("is_similar", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(["search"], ["feedback_searches.key"], name="fk_feedback_matches_search"),
        sa.PrimaryKeyConstraint("search", "rank", name="pk_feedback_matches"),
        sqlite_with_rowid=False,
    )
