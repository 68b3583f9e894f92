import re
from pathlib import Path

from ui.theme import HEAD, theme

UI = Path(__file__).parent.parent / "ui"


def test_ground_is_the_style_sheet_s() -> None:
    colours = (UI / "assets" / "colours.css").read_text(encoding="utf-8")
    light, dark = re.findall(r"--ground: (#\w+);", colours)
    assert (theme().body_background_fill, theme().body_background_fill_dark) == (light, dark)


def test_everything_in_the_head_is_ours_and_there() -> None:
    names = re.findall(r'(?:href|src)="suwen/([^"]+)"', HEAD)
    assert names == ["colours.css", "page.css", "page.js", "verdict.js"]
    assert HEAD.count("href=") + HEAD.count("src=") == len(names)
    assert all((UI / "assets" / name).is_file() for name in names)


def test_no_style_or_script_names_another_place() -> None:
    for path in (UI / "assets").iterdir():
        text = path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"https?:|//[a-z]+\.|@import|url\(", text), path.name
