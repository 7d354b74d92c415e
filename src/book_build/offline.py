"""Keep every request inside the site, and drop what the theme loads for kernels in the cloud.

Jupyter Book always loads sphinx-thebe, which lets a page ask a rented server for a kernel. The
book has no such button; what remained would be a script that names a foreign host and declares
the same `const` twice, which is an error on every page.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

STATIC = Path(__file__).parent / "static"
TEMPLATES = Path(__file__).parent / "templates"


def drop_thebe(app: Any, config: Any) -> None:
    """Take back everything that sphinx-thebe registered."""
    for name, listeners in app.events.listeners.items():
        app.events.listeners[name] = [
            listener
            for listener in listeners
            if getattr(listener.handler, "__module__", "") != "sphinx_thebe"
        ]
    app.registry.css_files[:] = [
        entry for entry in app.registry.css_files if entry[0] != "sphinx-thebe.css"
    ]


def add_static(app: Any, config: Any) -> None:
    """Serve our style sheets and scripts beside the theme's files; our templates come first."""
    config.html_static_path.append(str(STATIC))
    config.templates_path.append(str(TEMPLATES))


FRONT = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{title}</title>
<link rel="icon" href="_static/favicon.svg">
<meta http-equiv="refresh" content="0; url={page}">
</head>
<body><p><a href="{page}">{title}</a></p></body>
</html>
"""


def write_front(app: Any, exception: Exception | None) -> None:
    """Lead from the site's address to its landing page.

    Jupyter Book's own redirect names no icon, so that browsers ask the host for one in vain.
    """
    if exception is None and app.builder.name == "html":
        text = FRONT.format(title=app.config.html_title, page=f"{app.config.root_doc}.html")
        (Path(app.outdir) / "index.html").write_text(text, "utf-8")


def connect(app: Any) -> None:
    """Connect this part to Sphinx."""
    app.connect("config-inited", drop_thebe)
    app.connect("config-inited", add_static)
    # After the redirect of sphinx-external-toc has been written.
    app.connect("build-finished", write_front, priority=900)
    app.add_css_file("book.css")
    app.add_js_file("scrollers.js", loading_method="defer")
    app.add_css_file("sortable.css")
    app.add_js_file("sortable.js", loading_method="defer")
