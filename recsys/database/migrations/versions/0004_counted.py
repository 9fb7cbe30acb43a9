"""Whether a response is in the results: existing responses are."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.add_column("survey_responses", sa.Column("is_counted", sa.Boolean(), nullable=False, server_default=sa.true()))
