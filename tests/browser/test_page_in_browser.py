"""The page in a real browser, from file://: headless Chromium driven by Playwright.

`make browser` installs Debian's Chromium, or Playwright's own; where there is none the tests are skipped
with the reason. Screenshots go to reports/latest/screenshots when GSAE_SCREENSHOTS is set.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gsae_theory.reporting import make_report

sync_api = pytest.importorskip(
    "playwright.sync_api", reason="playwright is not installed: pip install '.[browser]'"
)
pytestmark = pytest.mark.xdist_group("browser")
ROOT = Path(__file__).parents[2]
SPEC = """
title = "A page <b>for</b> a browser"
[[case]]
id = "small"
theorems = ["gamma1.contraction", "gamma1.rate", "gamma1.false_no_bias", "general.support", "gamma1.scale"]
model = { dim = 8, groups = 3, block = 2, dictionary = "orthogonal", radius_max = 1.2 }
train = { lam = 0.3, steps = 60 }
[report]
contraction = ["small"]
main = "small"
"""
WIDTHS = {"phone": 390, "laptop": 1280}


def _browser(playwright: Any) -> Any:
    system = next(
        (
            found
            for name in ("chromium", "chromium-browser", "google-chrome")
            if (found := shutil.which(name))
        ),
        None,
    )
    try:
        return playwright.chromium.launch(executable_path=system, args=["--no-sandbox"])
    except sync_api.Error as problem:
        pytest.skip(f"no Chromium that starts ({str(problem).splitlines()[0]}): run `make browser`")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    manager = sync_api.sync_playwright()
    try:
        playwright = manager.start()
    except Exception as problem:  # Playwright's driver, a program of its own, raises nothing narrower
        pytest.skip(
            f"Playwright does not start here ({problem}): a shared library, as libatomic1, may be missing"
        )
    try:
        found = _browser(playwright)
        yield found
        found.close()
    finally:
        playwright.stop()


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("a page ü")
    spec = folder / "small.toml"
    spec.write_text(SPEC, encoding="utf-8")
    return make_report(str(spec), folder / "out")[0].as_uri()


@pytest.fixture
def page(browser: Any, address: str) -> Iterator[Any]:
    """A fresh page; what it prints to the console and asks of the network fails the test."""
    opened = browser.new_page(viewport={"width": WIDTHS["laptop"], "height": 900})
    said: list[str] = []
    asked: list[str] = []
    opened.on("console", lambda message: said.append(message.text))
    opened.on("pageerror", lambda problem: said.append(str(problem)))
    opened.on("request", lambda request: asked.append(request.url))
    opened.goto(address)
    yield opened
    assert said == []
    assert [url for url in asked if not url.startswith((address.split("#")[0], "data:"))] == []
    opened.close()


def test_a_table_is_sorted_by_click_and_by_key(page: Any) -> None:
    """Catches a header that sorts as text, in one direction only, or not from the keyboard."""
    table = page.locator("#verdict-table")
    slack = table.locator("thead th").nth(4)
    cells = "[...document.querySelectorAll('#verdict-table tbody.verdict')].map(body => body.rows[0].cells[4].querySelector('data'))"
    values = f"{cells}.filter(Boolean).map(data => Number(data.value))"
    slack.locator("button").click()
    up = page.evaluate(values)
    assert slack.get_attribute("aria-sort") == "ascending"
    assert up == sorted(up)
    assert len(set(up)) > 2
    slack.locator("button").focus()
    page.keyboard.press("Enter")
    assert slack.get_attribute("aria-sort") == "descending"
    assert page.evaluate(values) == sorted(up, reverse=True)


def test_filters_hide_and_show_verdicts(page: Any) -> None:
    """Catches a filter that shows everything, a count that is not what is shown, Enter that loads the page anew."""
    shown = page.locator("#verdict-table tbody.verdict:visible")
    everything = shown.count()
    page.locator("#filter input[value=HOLDS]").uncheck()
    assert 0 < shown.count() < everything
    assert f"{shown.count()} of {everything}" in page.locator("#filter output").inner_text()
    page.locator("#filter button[type=reset]").click()
    count = f"{everything} of {everything}"
    page.wait_for_function(
        "count => document.querySelector('#filter output').textContent.startsWith(count)", arg=count
    )
    page.locator("#filter input[type=search]").fill("gamma1.scale")
    assert shown.count() == 1
    page.keyboard.press("Enter")
    assert shown.count() == 1
    assert page.url == page.evaluate("location.href.split('?')[0]")
    page.locator("#filter input[type=search]").fill("")
    page.locator("#filter select").select_option("general")
    assert shown.count() == 1


def test_a_replay_link_opens_its_command(page: Any) -> None:
    """Catches a link into a part that stays folded."""
    link = page.locator("#verdict-table tbody.verdict").first.locator("a[href^='#replay-']")
    target = page.locator(link.get_attribute("href"))
    assert not target.is_visible()
    link.click()
    assert target.is_visible()
    assert target.inner_text().startswith("gsae verify")


def test_values_show_on_the_main_curve(page: Any) -> None:
    """Catches marks that are off the curve: the point of the first iteration lies inside the frame of its axes."""
    first = page.locator("#figure-contraction-1 .hover circle").first
    assert "= " in first.locator("title").text_content()
    mark, plot = first.bounding_box(), page.locator("#figure-contraction-1 svg.plot").bounding_box()
    assert plot["x"] < mark["x"] < plot["x"] + plot["width"]
    assert plot["y"] < mark["y"] < plot["y"] + plot["height"]


@pytest.mark.parametrize("name", WIDTHS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_its_width(page: Any, name: str, scheme: str) -> None:
    """Catches a part that is wider than a phone, and text that is not readable on a dark page."""
    page.set_viewport_size({"width": WIDTHS[name], "height": 900})
    page.emulate_media(color_scheme=scheme)
    page.evaluate("document.querySelectorAll('details').forEach(box => { box.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth") <= WIDTHS[name]
    body, back = page.evaluate("(s => [s.color, s.backgroundColor])(getComputedStyle(document.body))")
    assert abs(_lightness(body) - _lightness(back)) > 150
    _keep(page, f"{name}-{scheme}")


def test_a_phone_can_sort_as_well(page: Any) -> None:
    """Catches headers that a narrow page moves out of sight while the keyboard still reaches them."""
    page.set_viewport_size({"width": WIDTHS["phone"], "height": 900})
    for button in page.locator("#verdict-table > thead button").all():
        box = button.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= WIDTHS["phone"]
    button.click()
    assert page.locator("#verdict-table > thead th").last.get_attribute("aria-sort") == "ascending"


def test_on_paper_nothing_is_hidden(page: Any) -> None:
    """Catches a filter that also filters the printed page, tables that stay folded, and controls on paper."""
    page.locator("#filter input[value=HOLDS]").uncheck()
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    assert page.locator("#verdict-table tbody.verdict[hidden]").count() == 0
    assert page.locator("section > details:not([open])").count() == 0
    assert not page.locator("#filter").is_visible()
    assert len(page.pdf(format="A4")) > 20_000
    _keep(page, "print")


def test_markup_in_a_title_stays_text(page: Any) -> None:
    """Catches names from a spec that come in as markup."""
    assert page.locator("h1").inner_text() == "A page <b>for</b> a browser"
    assert page.locator("h1 b").count() == 0


def _lightness(colour: str) -> float:
    numbers = [float(part) for part in colour[colour.index("(") + 1 : -1].split(",")[:3]]
    return sum(numbers) / 3


def _keep(page: Any, name: str) -> None:
    if os.environ.get("GSAE_SCREENSHOTS"):
        folder = ROOT / "reports" / "latest" / "screenshots"
        folder.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=folder / f"{name}.png", full_page=True)


def test_the_page_becomes_a_pdf(browser: Any, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Catches a PDF that is not written beside the page, and a missing browser that is no typed error."""
    from urllib.parse import unquote, urlparse

    from gsae_theory.report.pdf import NoBrowser, find_browser, write_pdf

    where = Path(unquote(urlparse(address).path))
    try:
        find_browser()
    except NoBrowser:
        pytest.skip("the browser is Playwright's own and not on the PATH")
    written = write_pdf(where)
    assert written == where.with_name("report.pdf")
    assert written.read_bytes().startswith(b"%PDF")
    monkeypatch.setenv("GSAE_BROWSER", "no-such-browser")
    with pytest.raises(NoBrowser, match="no-such-browser"):
        find_browser()
