from pathlib import Path

from recsys.ui import styles
from recsys.ui.styles import styles_html


def test_every_style_sheet_of_the_folder_is_on_the_page() -> None:
    sheets = sorted(Path(styles.__file__).parent.glob("*.css"))
    assert len(sheets) > 1
    html = styles_html()
    for sheet in sheets:
        assert sheet.read_text(encoding="utf-8") in html
    assert (html.startswith("<style>"), html.endswith("</style>")) == (True, True)
    assert html.count("<") == 2  # nothing in a style sheet ends the element early
