"""Tables that a reader sorts and filters, in a browser; without the script they are plain."""

from pathlib import Path

import pytest

import book_build

STATIC = Path(book_build.__file__).parent / "static"
ROWS = [
    ("Adam", "+1.901", "30", ""),
    ("SGD", "-1", "", ""),
    ("sign descent", "+99", "3", ""),
    ("Muon", "", "", "wants a matrix"),
    ("AMSGrad", "\u22120.0099", "", "couples"),
]


def table() -> str:
    head = "".join(f"<th>{name}</th>" for name in ("optimizer", "D", "C", "remarks"))
    rows = "".join(f"<tr>{''.join(f'<td>{text}</td>' for text in row)}</tr>" for row in ROWS)
    body = f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    return f'<div class="cell tag_sortable"><div class="cell_output">{body}</div></div>'


@pytest.fixture
def page(browser_page):
    browser_page.set_content(f"<!doctype html><html lang='en'><body>{table()}</body></html>")
    browser_page.add_script_tag(content=(STATIC / "sortable.js").read_text("utf-8"))
    return browser_page


def names(page) -> list[str]:
    return page.locator("tbody tr:visible td:first-child").all_inner_texts()


def test_a_heading_sorts_numbers_by_size_either_way_and_what_is_empty_stays_last(page):
    button = page.locator("th button", has_text="D")
    button.press("Enter")  # by keyboard
    assert names(page) == ["SGD", "AMSGrad", "Adam", "sign descent", "Muon"]
    assert page.locator("th[aria-sort]").all_inner_texts() == ["D"]
    assert page.locator("th").nth(1).get_attribute("aria-sort") == "ascending"
    button.press("Space")
    assert names(page) == ["sign descent", "Adam", "AMSGrad", "SGD", "Muon"]
    assert page.locator("th").nth(1).get_attribute("aria-sort") == "descending"
    page.locator("th button", has_text="optimizer").click()
    assert names(page) == ["Adam", "AMSGrad", "Muon", "SGD", "sign descent"]


def test_rows_are_filtered_by_words_and_by_the_sign_of_their_numbers(page):
    page.get_by_label("Filter").fill("adam COUPLES")
    assert names(page) == []
    page.get_by_label("Filter").fill("grad coup")
    assert names(page) == ["AMSGrad"]
    assert page.get_by_role("status").inner_text() == "1 of 5 shown"
    page.get_by_label("Filter").fill("")
    page.get_by_label("no D above 0").check()
    assert names(page) == ["SGD", "AMSGrad"]
