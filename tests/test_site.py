"""The built site, in a browser that reaches no other host."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml

from book_build import digest

pytestmark = pytest.mark.site

TOC = yaml.safe_load((digest.ROOT / "_toc.yml").read_text("utf-8"))
EXTERNAL = re.compile(
    r"""<(?:script|img|link|iframe|source)\b[^>]*(?:src|href)=["'](?:https?:)?//"""
)


def test_search_finds_a_word(site_url, browser_page):
    page = browser_page
    page.goto(f"{site_url}index.html", wait_until="networkidle")
    page.keyboard.press("Control+k")
    page.wait_for_selector("input[type=search]:focus")  # what is typed before that is lost
    page.keyboard.type("regret")
    page.keyboard.press("Enter")
    page.wait_for_selector("#search-results li a")
    assert page.locator("#search-results li a").count() > 0
    assert urlsplit(page.url).path.endswith("search.html")


def test_front_address_leads_to_the_landing_page(site_url, browser_page):
    page = browser_page
    page.goto(site_url, wait_until="networkidle")
    page.wait_for_url(f"**/{TOC['root']}.html")


def test_site_opens_from_a_file_without_a_server(site_folder, browser_page):
    page = browser_page
    page.goto((site_folder / f"{TOC['root']}.html").as_uri(), wait_until="networkidle")
    page.wait_for_function("!document.querySelector('.explorer[aria-busy]')")
    assert page.locator(".explorer [role=alert]:not(:empty)").count() == 0


def test_page_is_whole_without_javascript(site_url, browser):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site_url}{TOC['root']}.html")
    pictures = page.locator(".explorer-still:has(p:not(:empty)) img").count()
    assert pictures == page.locator(".explorer").count() > 0
    context.close()


def test_broken_explorer_leaves_a_sentence_and_its_picture(site_url, browser_page):
    page = browser_page

    def break_module(route) -> None:
        answer = route.fetch()
        text = answer.text().replace("export default", "throw new Error('on purpose'); void ")
        route.fulfill(response=answer, body=text)

    page.route("**/*.html", break_module)
    page.goto(f"{site_url}{TOC['root']}.html", wait_until="networkidle")
    alert = page.locator(".explorer [role=alert]:not(:empty)").first
    alert.wait_for()
    assert "could not be started" in alert.inner_text()
    assert page.locator(".explorer img[alt]").first.is_visible()
    assert page.problems == []


def test_no_page_names_a_file_on_another_host(site_folder):
    for path in site_folder.rglob("*.html"):
        if "_static" in path.relative_to(site_folder).parts:
            continue
        found = EXTERNAL.findall(path.read_text("utf-8"))
        assert not found, f"{path.name}: {found}"


def test_no_page_carries_the_cloud_kernel_scripts(site_folder):
    for path in Path(site_folder).rglob("*.html"):
        assert "thebe" not in path.read_text("utf-8"), path.name
