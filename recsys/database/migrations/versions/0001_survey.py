"""The poll: who has searched and answered, invitations, responses."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the poll's three tables."""
    op.create_table(
        "survey_participants",
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("has_answered", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_survey_participants"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "survey_invitations",
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("is_used", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_survey_invitations"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "survey_responses",
        sa.Column("key", sa.String(32), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("preference", sa.String(5), nullable=False),
        sa.Column("easier", sa.String(3), nullable=False),
        sa.Column("intuitive", sa.String(3), nullable=False),
        sa.Column("faster", sa.String(3), nullable=False),
        sa.Column("coming_back", sa.String(3), nullable=False),
        sa.Column("remark", sa.String(500), nullable=False),
        sa.CheckConstraint("preference IN ('text', 'image')", name="preference"),
        sa.CheckConstraint("easier IN ('yes', 'no')", name="easier"),
        sa.CheckConstraint("intuitive IN ('yes', 'no')", name="intuitive"),
        sa.CheckConstraint("faster IN ('yes', 'no')", name="faster"),
        sa.CheckConstraint("coming_back IN ('yes', 'no')", name="coming_back"),
        sa.PrimaryKeyConstraint("key", name="pk_survey_responses"),
        sqlite_with_rowid=False,
    )
