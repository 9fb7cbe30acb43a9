"""The poll's answers as rows, one for each question of a response."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_QUESTIONS = ("preference", "easier", "intuitive", "faster", "coming_back")


def upgrade() -> None:
    """Move the answers out of the responses' table into their own; both in the order of the random keys."""
    columns = [sa.column("key"), sa.column("day", sa.Date()), sa.column("remark"), *map(sa.column, _QUESTIONS)]
    old = sa.table("survey_responses", *columns)
    kept = op.get_bind().execute(sa.select(old).order_by(old.c.key)).mappings().all()
    op.drop_table("survey_responses")
    responses = op.create_table(
        "survey_responses",
        sa.Column("key", sa.String(32), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("remark", sa.String(500), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_survey_responses"),
        sqlite_with_rowid=False,
    )
    answers = op.create_table(
        "survey_answers",
        sa.Column("response", sa.String(32), nullable=False),
        sa.Column("question", sa.String(32), nullable=False),
        sa.Column("choice", sa.String(32), nullable=False),
        sa.ForeignKeyConstraint(["response"], ["survey_responses.key"], name="fk_survey_answers_response"),
        sa.PrimaryKeyConstraint("response", "question", name="pk_survey_answers"),
        sqlite_with_rowid=False,
    )
    op.bulk_insert(responses, [{name: row[name] for name in ("key", "day", "remark")} for row in kept])
    op.bulk_insert(
        answers,
        [
            {"response": row["key"], "question": question, "choice": row[question]}
            for row in kept
            for question in sorted(_QUESTIONS)
        ],
    )
