"""A small page of the site with explorers on it: the site's loader and style, no build."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from adam_and_beyond.explorers import (
    BoundaryExplorer,
    BoxesExplorer,
    ClipExplorer,
    CoinExplorer,
    ConditionsExplorer,
    CurvesExplorer,
    Explorer,
    FallsExplorer,
    Figure1Explorer,
    GameExplorer,
    GradientsExplorer,
    GridExplorer,
    KeptExplorer,
    MaximumExplorer,
    MeanStepExplorer,
    MemoryExplorer,
    RaceExplorer,
    RarityExplorer,
    RescueExplorer,
    ScoreboardExplorer,
    StopsExplorer,
    Theorem1Explorer,
    ThreeLossesExplorer,
    WalkExplorer,
)
from adam_and_beyond.images import experiments, runs
from book_build import offline
from book_build.explorers import VIEW, opening_tag

STATE = "application/vnd.jupyter.widget-state+json"
ADDRESS = "http://127.0.0.1/some/where/page.html"


def stored_grid() -> GridExplorer:
    """The explorer of the chapter on softmax regression."""
    name = "figure-2-logistic"
    return GridExplorer(runs.stored(experiments.experiment(name)), name)


def stored_curves() -> CurvesExplorer:
    """The explorer of the chapter on CIFARNET."""
    name = "figure-2-cifarnet"
    return CurvesExplorer(runs.stored(experiments.experiment(name)), name, pair="adam-amsgrad")


# Name in addresses -> the explorer as its page opens it.
ALL: dict[str, Callable[[], Explorer]] = {
    "boundary": lambda: BoundaryExplorer(C=50),
    "boxes": BoxesExplorer,
    "clip": ClipExplorer,
    "coin": CoinExplorer,
    "conditions": ConditionsExplorer,
    "curves": stored_curves,
    "falls": FallsExplorer,
    "figure-1": Figure1Explorer,
    "game": GameExplorer,
    "gradients": GradientsExplorer,
    "grid": stored_grid,
    "kept": KeptExplorer,
    "maximum": MaximumExplorer,
    "mean-step": MeanStepExplorer,
    "memory": MemoryExplorer,
    "race": RaceExplorer,
    "rarity": RarityExplorer,
    "rescue": RescueExplorer,
    "scoreboard": ScoreboardExplorer,
    "stops": StopsExplorer,
    "theorem-1": lambda: Theorem1Explorer(alpha=0.853815),
    "three-losses": ThreeLossesExplorer,
    "walk": WalkExplorer,
}

# A picture of the shape that Python draws.
STILL = "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' width='900' height='320'></svg>"

PAGE = """<!doctype html><html lang="en" data-theme="light"><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">
<link rel="stylesheet" href="explorers.css"><title>A page</title>
<style>
  html[data-theme="dark"] body {{ background: #14181e; color: #ced6dd }}
  body {{ font: 16px/1.6 "Segoe UI", "Helvetica Neue", Arial, sans-serif }}
  body {{ margin: 0 auto; max-width: 672px; width: calc(100% - 48px) }}
</style>
<h1>A page</h1>
<p>Words.</p>
{explorers}
<h2 id="later">Later</h2>
<div style="height: 3000px">Words.</div>
<script type="{kind}">{state}</script>
<script defer src="explorers.js"></script></html>"""


def place(explorer: Explorer, model: str, names: Counter[str]) -> str:
    """What the build writes for an explorer: its place, with its picture and its sentence."""
    return (
        opening_tag({"name": explorer.name, "heights": explorer.heights}, names)
        + f'<script type="{VIEW}">{json.dumps({"model_id": model})}</script>'
        + '<div class="explorer-still"><p>What it finds.</p>'
        + f'<img alt="a picture" loading="lazy" src="{STILL}"></div></div>'
    )


def html(*explorers: Explorer) -> str:
    """The page with these explorers."""
    names: Counter[str] = Counter()
    kept = ("_esm", "_css", "limits", "defaults", "python", "name", "heights", "data")
    models, places = {}, []
    for k, explorer in enumerate(explorers):
        state = {name: getattr(explorer, name, None) for name in kept} | explorer.values()
        state |= {name: str(state[name]) for name in ("_esm", "_css")}
        models[f"m{k}"] = {"state": state}
        places.append(place(explorer, f"m{k}", names) + f'<h2 id="after-{k}">A heading</h2>')
    state = json.dumps({"state": models}).replace("</", "<\\/")
    return PAGE.format(explorers="\n".join(places), kind=STATE, state=state)


def serve(page, text: str, without: str = "") -> None:
    """Answer the page's requests with `text` and the site's files, but for the one left out."""
    static = Path(offline.STATIC)

    def answer(route) -> None:
        name = urlsplit(route.request.url).path.rpartition("/")[2]
        if name == without:
            route.abort()
        elif name == "page.html":
            route.fulfill(body=text, content_type="text/html")
        else:
            route.fulfill(path=static / name)

    page.route("http://127.0.0.1/some/where/**", answer)


def open_page(page, *explorers: Explorer, width: int = 1280, end: str = "", **options) -> None:
    """Open the page at an address that may end in a state; wait until the explorers stand."""
    page.set_viewport_size({"width": width, "height": 844 if width < 700 else 900})
    serve(page, html(*explorers), **options)
    page.goto(ADDRESS + end, wait_until="load")
    page.wait_for_function("!document.querySelector('.explorer[aria-busy]')")
