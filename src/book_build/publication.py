"""What a published site owes to those who link to it: names, addresses, a card, files to keep.

The address of the site stands in `_config.yml` (`html: baseurl`) and nowhere else. Without it the
site holds relative links only, and what needs a whole address is left out: the canonical links, the
sitemap and the picture of the card.
"""

from __future__ import annotations

import functools
import re
import shutil
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any

from docutils import nodes

from . import digest, tasks
from .search import GREEK

CARD = "_static/card.png"
CARD_SIZE = (1200, 630)  # pixels, as the services that show cards ask for
LONGEST = 200  # characters of a description
SIGNS = {name: letter for letter, name in GREEK.items()} | {"infty": "∞", "le": "≤", "ge": "≥"}
MISSING = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>No such page - {title}</title>
<link rel="icon" href="data:image/svg+xml,{icon}">
<style>
:root {{ color-scheme: light dark; }}
body {{ font: 1.1rem/1.6 system-ui, sans-serif; margin: 15vh auto; max-width: 34rem; }}
svg {{ height: 4rem; width: 4rem; }}
</style>
</head>
<body>
{logo}
<h1>There is no such page</h1>
<p>Adam went to the worst point of its line; this address leads to no point at all. The book begins
{begin}.</p>
</body>
</html>
"""


def readable(tex: str) -> str:
    r"""Return a short formula as plain text: `\beta_2 \ge 0` becomes "β₂ ≥ 0"."""
    text = re.sub(r"\\([a-zA-Z]+)", lambda found: SIGNS.get(found[1], " "), tex)
    text = re.sub(r"_\{?(\d)\}?", lambda found: chr(0x2080 + int(found[1])), text)
    return re.sub(r"\\.|[{}$]", "", text)


def words(node: nodes.Node) -> str:
    """Return the text of a paragraph on one line, formulas in plain letters."""
    parts = (
        readable(text) if isinstance(text.parent, nodes.math) else str(text)
        for text in node.findall(nodes.Text)
    )
    return " ".join("".join(parts).split())


def description(doctree: nodes.document) -> str:
    """Return the first paragraph of a page, cut at the end of a sentence or of a word."""
    paragraphs = (
        node for node in doctree.findall(nodes.paragraph) if isinstance(node.parent, nodes.section)
    )
    text = next(filter(None, map(words, paragraphs)), "")
    if len(text) <= LONGEST:
        return text
    head = text[:LONGEST]
    sentence = head.rfind(". ")
    return head[: sentence + 1] if sentence > LONGEST // 3 else f"{head[: head.rfind(' ')]} …"


def tags(title: str, about: str, book: str, address: str, page: str) -> str:
    """Return the tags of a page's head that search engines and social networks read.

    Args:
      title: of the page.
      about: its description; none for pages that are lists.
      book: the name of the site.
      address: of the site, ending in a slash; empty if it has none yet.
      page: the page's path on the site.
    """
    named = {"og:title": title, "og:type": "article", "og:site_name": book}
    if about:
        named["og:description"] = about
    if address:
        named |= {"og:url": address + page, "og:image": address + CARD}
        named["og:image:alt"] = "Adam at the worst point of a tilted line, AMSGrad at the best"
    lines = [f'<meta property="{name}" content="{escape(text)}">' for name, text in named.items()]
    if about:
        lines.append(f'<meta name="description" content="{escape(about)}">')
    kind = "summary_large_image" if address else "summary"
    lines.append(f'<meta name="twitter:card" content="{kind}">')
    return "\n".join(lines)


def address(config: Any) -> str:
    """Return the address of the site with a slash at the end, or nothing."""
    return f"{config.html_baseurl.rstrip('/')}/" if config.html_baseurl else ""


def has_cells(app: Any, page: str) -> bool:
    """Say whether a page is a notebook."""
    path = Path(app.env.doc2path(page)) if page in app.env.all_docs else None
    return path is not None and path.suffix == ".md" and "{code-cell}" in path.read_text("utf-8")


def describe(app: Any, page: str, template: str, context: dict, doctree: Any) -> None:
    """Write a page's tags, and offer it as a notebook."""
    about = description(doctree) if doctree is not None else ""
    title = re.sub(r"<[^>]+>", "", str(context.get("title", ""))) or app.config.html_title
    path = f"{page}.html"
    found = tags(title, about, app.config.html_title, address(app.config), path)
    context["metatags"] = f"{context.get('metatags', '')}\n{found}\n"
    if has_cells(app, page):
        context["ipynb_source"] = f"{page}.ipynb"


# What extensions write and HTML does not allow: a list of entries whose roles no list may hold, and
# one name for all statements, and for all proofs, of a page.
FAULTS = {
    '<div role="list" class="citation-list">': '<div class="citation-list">',
    ' id="proof-content"': "",
    '<div class="proof admonition" id="proof">': '<div class="proof admonition">',
}


def mend(app: Any, page: str, template: str, context: dict, doctree: Any) -> None:
    """Mend the faults of a page's HTML."""
    for fault, right in FAULTS.items():
        context["body"] = context.get("body", "").replace(fault, right)


def name_toggles(app: Any, page: str, template: str, context: dict, doctree: Any) -> None:
    """Name the toggles of the sidebar, to which the theme gives an icon and no word."""
    theirs = context.get("generate_toctree_html")
    if theirs is None:
        return

    def generate_toctree_html(kind: str, **options: Any) -> Any:
        tree = theirs(kind, **options)
        for summary in tree.select("li > details > summary"):
            above = summary.find_parent("li").find("a")
            summary["aria-label"] = f"Pages below {above.get_text()}"
        return tree

    context["generate_toctree_html"] = generate_toctree_html


def has_paper() -> bool:
    """Say whether the book on paper is there, made from the present sources."""
    return tasks.PDF.exists() and digest.read_stamp("pdf").get("digest") == digest.of_book()


@functools.cache  # every page asks, and the sources are many
def comes_with_paper(app: Any) -> bool:
    """Say whether the site of this build offers the book on paper."""
    return has_paper()


def offer_paper(app: Any, page: str, template: str, context: dict, doctree: Any) -> None:
    """Put the PDF of the whole book into the menu of downloads, where there is one."""
    if not comes_with_paper(app):
        return
    for group in context.get("header_buttons", []):
        if group.get("label") == "download-buttons":
            link = context["pathto"](tasks.PDF.name, 1)
            book = {
                "type": "link",
                "url": link,
                "text": "the book as .pdf",
                "icon": "fas fa-file-pdf",
            }
            book |= {"tooltip": "Download the whole book", "label": "download-book-button"}
            group["buttons"].append(book)


def notebooks(app: Any) -> Iterator[tuple[Path, Any]]:
    """Yield each page with cells as a notebook without outputs, and where it goes."""
    import jupytext

    for page in sorted(app.env.all_docs):
        if has_cells(app, page):
            notebook = jupytext.read(app.env.doc2path(page))
            for cell in notebook.cells:
                cell.pop("id", None)  # drawn anew by each reading
            notebook.nbformat_minor = 4  # the last one whose cells have none
            yield Path(app.outdir, "_sources", f"{page}.ipynb"), notebook


def sitemap(site: str, pages: list[str]) -> str:
    """Return the sitemap of a site."""
    entries = "".join(f"<url><loc>{escape(site + page)}</loc></url>\n" for page in pages)
    space = "http://www.sitemaps.org/schemas/sitemap/0.9"
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="{space}">\n{entries}</urlset>\n'


def missing_page(title: str, site: str, landing: str, logo: str) -> str:
    """Return the page that stands for those that don't exist: it leans on no other file.

    A server shows it at any depth, so that only a whole address could be a link.
    """
    link = f'<a href="{escape(site + landing)}">on its landing page</a>'
    begin = link if site else "at the top of this site"
    icon = escape(logo.replace("#", "%23").replace("\n", " ").replace('"', "'"))
    return MISSING.format(title=escape(title), icon=icon, logo=logo, begin=begin)


def draw_card(path: Path, title: str, subtitle: str) -> None:
    """Draw the card from the picture that opens the book."""
    from io import BytesIO

    import matplotlib.image
    from matplotlib.figure import Figure

    from adam_and_beyond import figures
    from adam_and_beyond.explorers import WalkExplorer

    figures.use_book_style()
    hero = BytesIO()
    WalkExplorer().figure().savefig(hero, format="png", dpi=200, facecolor="white")
    hero.seek(0)
    card = Figure(figsize=(CARD_SIZE[0] / 100, CARD_SIZE[1] / 100), dpi=100, layout="none")
    card.text(0.06, 0.86, title, fontsize=44, weight="bold", va="center")
    card.text(0.06, 0.75, subtitle, fontsize=19, va="center", color="#444444")
    axes = card.add_axes((0.05, 0.04, 0.9, 0.64))
    axes.imshow(matplotlib.image.imread(hero))
    axes.axis("off")
    card.savefig(path, dpi=100, pil_kwargs={"optimize": True})


def publish(app: Any, exception: Exception | None) -> None:
    """Write what belongs to the site beside its pages."""
    if exception is not None or app.builder.name != "html":
        return
    folder, site, title = Path(app.outdir), address(app.config), app.config.html_title
    for path, notebook in notebooks(app):
        import nbformat

        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, path)
    logo = (Path(__file__).parent / "static" / "favicon.svg").read_text("utf-8")
    landing = f"{app.config.root_doc}.html"
    (folder / "404.html").write_text(missing_page(title, site, landing, logo), "utf-8")
    draw_card(folder / CARD, title, "An executable book on the convergence of Adam and AMSGrad")
    if site:
        pages = [f"{page}.html" for page in sorted(app.env.all_docs)]
        (folder / "sitemap.xml").write_text(sitemap(site, pages), "utf-8")
        (folder / "robots.txt").write_text(f"Sitemap: {site}sitemap.xml\n", "utf-8")
    if comes_with_paper(app):
        shutil.copy2(tasks.PDF, folder / tasks.PDF.name)


def connect(app: Any) -> None:
    """Connect this part to Sphinx."""
    app.add_css_file("publication.css")
    app.add_js_file("sidebar.js", loading_method="defer")
    app.connect("html-page-context", describe, priority=400)
    app.connect("html-page-context", mend)
    app.connect("html-page-context", offer_paper, priority=900)  # after the theme's buttons
    app.connect("html-page-context", name_toggles, priority=900)
    app.connect("build-finished", publish)
