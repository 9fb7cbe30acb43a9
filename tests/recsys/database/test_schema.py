import subprocess
import sys
from pathlib import Path

from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import URL

from recsys.database.database import open_database
from recsys.database.schema import MIGRATIONS, newest_revision

ROOT = Path(__file__).parents[3]


def test_the_newest_revision_is_the_one_that_alembic_would_migrate_to() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    assert newest_revision() == ScriptDirectory.from_config(config).get_current_head()


def test_an_app_with_records_that_are_up_to_date_loads_neither_alembic_nor_tensorflow(tmp_path: Path) -> None:
    open_database(URL.create("sqlite", database=str(tmp_path / "records.db")))
    program = (
        "import sys, streamlit_app\n"
        "from sqlalchemy import URL\n"
        "from recsys.database.database import open_database\n"
        "open_database(URL.create('sqlite', database=sys.argv[1]))\n"
        "print({'alembic', 'tensorflow', 'keras', 'requests', 'httpx', 'pandas'} & sys.modules.keys())"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program, tmp_path / "records.db"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == "set()"
