"""A browser that forgives nothing: whatever a page complains of, or asks the network for, fails the test."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WATCH = """
window.__violations = [];
document.addEventListener('securitypolicyviolation', event =>
    window.__violations.push(`${event.violatedDirective}: ${event.blockedURI} ${event.sample}`));
"""


@pytest.fixture(scope="session")
def pages():
    return Path(os.environ["CLV_REPORT_PAGES"])


@pytest.fixture(scope="session")
def screenshots(tmp_path_factory):
    folder = Path(os.environ.get("CLV_SCREENSHOTS") or tmp_path_factory.mktemp("screenshots"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def chromium():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=os.environ["CLV_CHROMIUM"], args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def show(chromium, pages):
    """Opens a page; at the end of the test nobody may have complained."""
    complaints, opened = [], []

    def show(name="normal", width=1280, scripts=True, **options):
        context = chromium.new_context(
            viewport={"width": width, "height": 900}, java_script_enabled=scripts, offline=True, **options
        )
        page = context.new_page()
        address = (pages / f"{name}.html").as_uri()
        page.on("console", lambda said: complaints.append(f"console {said.type}: {said.text}"))
        page.on("pageerror", lambda error: complaints.append(f"error: {error}"))
        page.on("dialog", lambda dialog: (complaints.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        page.on("requestfailed", lambda request: complaints.append(f"failed: {request.url[:200]}"))
        page.on("request", lambda request: request.url == address or complaints.append(f"asked: {request.url[:200]}"))
        if scripts:
            page.add_init_script(WATCH)
        page.goto(address)
        if scripts:
            page.wait_for_selector("html.drawn", timeout=30_000)
        opened.append((context, page, scripts))
        return page

    show.complaints = complaints
    yield show
    for context, page, scripts in opened:
        if scripts:
            complaints += page.evaluate("window.__violations")
            assert page.evaluate("window.__pwned") is None
        context.close()
    assert complaints == []
