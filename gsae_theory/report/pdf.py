"""The report as PDF: the page, printed by a headless Chromium, with the page's own print style."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from gsae_theory.errors import GsaeError
from gsae_theory.output import write_atomic

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome", "msedge")
TIMEOUT = 180.0


class NoBrowser(GsaeError, RuntimeError):
    """There is no browser that prints, or it failed; the text says what to do."""


def find_browser() -> str:
    """Return the path of a Chromium.

    Raises
    ------
    NoBrowser
        If none is on the PATH; GSAE_BROWSER names another one.
    """
    wanted = os.environ.get("GSAE_BROWSER")
    found = next((path for name in ([wanted] if wanted else BROWSERS) if (path := shutil.which(name))), None)
    if found is None:
        looked = wanted or ", ".join(BROWSERS)
        raise NoBrowser(
            f"no browser that prints a page ({looked}): install Chromium (apt install chromium), name one in "
            "GSAE_BROWSER, or print index.html from any browser: the page has a print style"
        )
    return found


def write_pdf(page: Path) -> Path:
    """Print a page to a PDF of the same name beside it.

    Parameters
    ----------
    page : Path
        ``index.html`` of a report.

    Raises
    ------
    NoBrowser
        If there is no browser, or it does not print within three minutes.
    """
    browser = find_browser()
    with tempfile.TemporaryDirectory(prefix="gsae-pdf-") as folder:
        part = Path(folder) / "report.pdf"
        command = [
            browser, "--headless", "--disable-gpu", "--no-sandbox", "--no-pdf-header-footer",
            f"--user-data-dir={folder}/profile", f"--print-to-pdf={part}", page.resolve().as_uri(),
        ]  # fmt: skip
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT, check=False)
        except (OSError, subprocess.TimeoutExpired) as problem:
            raise NoBrowser(f"{browser} did not print {page}: {problem}") from problem
        if not part.is_file():
            last = (done.stderr.strip().splitlines() or ["no message"])[-1]
            raise NoBrowser(f"{browser} did not print {page}: {last}")
        return write_atomic(page.with_name("report.pdf"), part.read_bytes())
