"""The explorers in a browser: on the built site, and in a bare host that plays the kernel."""

from __future__ import annotations

import json

import pytest
from conftest import without_formulas

from adam_and_beyond.explorers import Figure1Explorer, Theorem1Explorer

PAGES = ("chapters/index", "chapters/failure/theorem-1", "chapters/failure/figure-1")

# A host with the part of a widget model that a view may use, and a record of what it is told.
HOST = """
<!doctype html><html lang="en"><meta charset="utf-8"><link rel="icon" href="data:,">
<title>host</title><style>%s</style><body><div id="one"></div><div id="two"></div>
<script type="module">
  class Model {
    constructor(state) { this.state = state; this.heard = {}; this.saved = 0; }
    get(name) { return this.state[name]; }
    set(name, value) {
      if (this.state[name] === value) return;
      this.state[name] = value;
      for (const tell of [...(this.heard[`change:${name}`] ?? [])]) tell();
    }
    on(event, callback) { (this.heard[event] ??= []).push(callback); }
    off(event, callback) { this.heard[event] = this.heard[event].filter((f) => f !== callback); }
    save_changes() { this.saved += 1; }
  }
  window.model = new Model(%s);
  const code = new Blob([%s], { type: "text/javascript" });
  const { default: widget } = await import(URL.createObjectURL(code));
  const at = (id) => document.getElementById(id);
  window.leave = ["one", "two"].map((id) => widget.render({ model: window.model, el: at(id) }));
</script>
"""

# What stands behind More is looked at too.
OPEN = "document.querySelectorAll('.aab-more').forEach((more) => { more.open = true; })"

# The explorer of runs on a page; the landing page has another above it.
RUNS = ".aab:has([data-chart=regret])"

CURVES = "[...document.querySelectorAll('%s svg path[data-series]')].map(p => p.getAttribute('d'))"

CONTRASTS = """(root) => {
  const parse = (text) => (text.match(/[\\d.]+/g) ?? []).map(Number);
  const light = (c) => (c <= 10.3 ? c / 3294.6 : ((c / 255 + 0.055) / 1.055) ** 2.4);
  const luminance = ([r, g, b]) => 0.2126 * light(r) + 0.7152 * light(g) + 0.0722 * light(b);
  const ground = (e) => {
    for (; e; e = e.parentElement) {
      const colour = parse(getComputedStyle(e).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const ratio = (one, other) => {
    const [a, b] = [luminance(one), luminance(other)].sort((x, y) => x - y);
    return (b + 0.05) / (a + 0.05);
  };
  const found = [];
  for (const e of root.querySelectorAll("*")) {
    const style = getComputedStyle(e);
    if (e.checkVisibility && !e.checkVisibility()) continue;
    const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
    const svgText = e instanceof SVGElement;
    if (own && e.localName !== "desc" && e.localName !== "option") {
      const colour = parse(svgText ? style.fill : style.color);
      found.push(["text", e.textContent.trim().slice(0, 40), ratio(colour, ground(e))]);
    }
    if (e.matches("path.aab-line")) {
      found.push(["line", e.getAttribute("style"), ratio(parse(style.stroke), ground(e))]);
    }
    if (e.matches("input.aab-number, select")) {
      found.push(["text", e.name, ratio(parse(style.color), parse(style.backgroundColor))]);
    }
  }
  return found;
}"""


def too_faint(found: list) -> list:
    """Of what `CONTRASTS` finds, texts below 4.5 and lines below 3."""
    return [entry for entry in found if entry[2] < (4.5 if entry[0] == "text" else 3)]


def assert_readable_on_a_phone(page, theme: str):
    """Hold line plots on the bare host, 390 px wide, to contrast, width and words."""
    page.evaluate("theme => { document.documentElement.dataset.theme = theme; }", theme)
    found = page.locator("#one .aab").evaluate(CONTRASTS)
    assert too_faint(found) == []
    right = page.evaluate(
        "Math.max(...[...document.querySelectorAll('#one :is(svg text, input, select, p)')]"
        ".map(e => e.getBoundingClientRect().right))"
    )
    assert right <= 390
    for chart in page.locator("#one svg[role=img]").all():
        assert "Line plot" in chart.get_attribute("aria-label")


def open_site(page, site_url: str, name: str):
    """Open a page of the site; return its explorer once it has drawn."""
    without_formulas(page)
    page.goto(f"{site_url}{name}.html", wait_until="load")
    page.wait_for_selector(f"{RUNS} svg path[data-series]")
    page.evaluate(OPEN)
    return page.locator(RUNS).first


def open_host(page, explorer, width: int = 1000):
    """Open the bare host with two views of an explorer's model."""
    live = explorer
    state = {**live.values(), "limits": live.limits, "defaults": live.defaults}
    if live.has_trait("data"):
        state["data"] = live.data
    code = json.dumps(live._esm).replace("</", "<\\/")
    page.set_viewport_size({"width": width, "height": 900})
    page.set_content(HOST % (live._css, json.dumps(state), code))
    page.wait_for_selector("#two .aab svg path[data-series]")
    page.evaluate(OPEN)


def curves(page, within: str = RUNS) -> list[str]:
    """The path data of an explorer's curves, in order."""
    return page.evaluate(CURVES % within)


def wait_for_new_curves(page, before: list[str], within: str = RUNS) -> list[str]:
    """Wait until the curves are others than before, and return them."""
    page.wait_for_function(
        f"before => JSON.stringify({CURVES % within}) !== before",
        arg=json.dumps(before, separators=(",", ":")),
        timeout=5000,
    )
    return curves(page, within)


def controls(explorer):
    """Every slider, menu and box of an explorer."""
    return explorer.locator("input[type=range], select, input[type=checkbox]").all()


def press(page, control) -> None:
    """Change a focused control by keyboard."""
    kind = control.evaluate("e => e.type")
    if kind == "checkbox":
        page.keyboard.press("Space")
    elif kind == "range":
        position, top = control.evaluate("e => [e.valueAsNumber, +e.max]")
        page.keyboard.press("ArrowRight" if position < top else "ArrowLeft")
    else:
        page.keyboard.press("ArrowDown")


@pytest.mark.site
@pytest.mark.parametrize("name", PAGES)
def test_every_control_moves_the_curves_by_keyboard_and_reset_restores(
    name, site_url, browser_page
):
    page = browser_page
    explorer = open_site(page, site_url, name)
    start = curves(page)
    seen = controls(explorer)
    assert len(seen) >= 7
    for control in seen:
        control.focus()
        assert control.evaluate("e => e.matches(':focus-visible')")
        press(page, control)
        wait_for_new_curves(page, start)
        reset = explorer.locator(".aab-reset")
        reset.focus()
        page.keyboard.press("Enter")
        page.wait_for_function(
            f"start => JSON.stringify({CURVES % RUNS}) === start",
            arg=json.dumps(start, separators=(",", ":")),
        )


@pytest.mark.site
@pytest.mark.parametrize("name", PAGES)
def test_every_control_has_a_name_and_shows_its_value(name, site_url, browser_page):
    page = browser_page
    explorer = open_site(page, site_url, name)
    for control in explorer.locator("input, select").all():
        assert control.evaluate("e => e.labels.length > 0 || !!e.ariaLabel")
    for slider in explorer.locator("input[type=range]").all():
        field = slider.locator("xpath=../../input")
        before = field.input_value()
        assert before and slider.get_attribute("aria-valuetext") == before
        slider.focus()
        press(page, slider)
        page.wait_for_function(
            "([field, before]) => field.value !== before", arg=[field.element_handle(), before]
        )
        assert slider.get_attribute("aria-valuetext") == field.input_value()
    for chart in explorer.locator("svg[role=img]").all():
        assert "steps" in chart.get_attribute("aria-label")
        assert "after" in chart.locator("desc").text_content()
    assert explorer.locator("[aria-live=polite]").inner_text().count("theory says") >= 1
    assert page.locator(".aab i").count() == 0


@pytest.mark.site
def test_dragging_beta2_through_the_mark_turns_the_verdict(site_url, browser_page):
    page = browser_page
    explorer = open_site(page, site_url, "chapters/failure/theorem-1")
    verdict = explorer.locator(".aab-verdict")
    assert "the worst point" in verdict.inner_text()
    slider = explorer.locator("[data-control=beta2] input[type=range]")
    slider.focus()
    page.keyboard.press("End")
    page.wait_for_function(
        "e => e.innerText.includes('the best point')", arg=verdict.element_handle()
    )
    assert "< 0" in verdict.inner_text()


@pytest.mark.site
@pytest.mark.parametrize("name", PAGES)
def test_a_mark_sets_its_value(name, site_url, browser_page):
    page = browser_page
    explorer = open_site(page, site_url, name)
    for control in explorer.locator(".aab-control:has(.aab-mark)").all():
        mark = control.locator(".aab-mark:visible").first
        start = curves(page)
        wanted = mark.inner_text().split()[0]
        before = control.locator(".aab-number").input_value()
        mark.focus()
        page.keyboard.press("Enter")
        field = control.locator(".aab-number").element_handle()
        page.wait_for_function("([f, v]) => f.value === v", arg=[field, wanted])
        if "flips" in mark.inner_text():
            explorer.locator(".aab-verdict", has_text="D = 0").wait_for()
        if before != wanted:
            wait_for_new_curves(page, start)
        explorer.locator(".aab-reset").click()


@pytest.mark.site
@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("width", [390, 320])
def test_explorer_fits_a_phone(name, width, site_url, browser_page):
    page = browser_page
    page.set_viewport_size({"width": width, "height": 844})
    explorer = open_site(page, site_url, name)
    for element in explorer.locator("svg, input, select, button:visible, p, label").all():
        box = element.bounding_box()
        assert box is None or (box["x"] >= 0 and box["x"] + box["width"] <= width)
    # What is drawn may stand out of its picture by no more than the margin of the page.
    right = explorer.evaluate(
        "r => Math.max(...[...r.querySelectorAll('svg text')]"
        ".map(e => e.getBoundingClientRect().right))"
    )
    assert right <= width
    for target in explorer.locator("button:visible, select").all():
        assert target.bounding_box()["height"] >= 24


@pytest.mark.site
@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_and_lines_stand_out_from_the_ground(name, scheme, site_url, browser_page):
    page = browser_page
    page.emulate_media(color_scheme=scheme)
    explorer = open_site(page, site_url, name)
    page.wait_for_function(f"document.documentElement.dataset.theme === '{scheme}'")
    for box in explorer.locator("input[type=checkbox]").all():
        box.check()
    found = explorer.evaluate(CONTRASTS)
    assert len(found) > 30
    assert too_faint(found) == []


@pytest.mark.site
def test_nothing_moves_by_itself_for_readers_who_ask_for_less_motion(site_url, browser_page):
    page = browser_page
    page.emulate_media(reduced_motion="reduce")
    explorer = open_site(page, site_url, PAGES[0])
    slider = explorer.locator("input[type=range]").first
    before = curves(page)
    slider.focus()
    press(page, slider)
    wait_for_new_curves(page, before)
    moving = explorer.evaluate(
        "r => [...r.querySelectorAll('*')].flatMap(e => e.getAnimations()).length"
    )
    assert moving == 0
    durations = explorer.evaluate(
        "r => [...r.querySelectorAll('*')].map(e => getComputedStyle(e).transitionDuration)"
    )
    assert set(durations) == {"0s"}


@pytest.mark.parametrize("explorer", [Theorem1Explorer, Figure1Explorer])
def test_value_set_in_python_moves_every_view(explorer, browser_page):
    page = browser_page
    open_host(page, explorer())
    before = curves(page, "#one"), curves(page, "#two")
    assert before[0] == before[1]
    page.evaluate("model.set('beta2', 0.9995)")
    for place, old in zip(("#one", "#two"), before, strict=True):
        wait_for_new_curves(page, old, place)
        field = page.locator(f"{place} [data-control=beta2] .aab-number")
        assert field.input_value() == "0.9995"
    assert page.evaluate("model.saved") == 0


def test_drag_tells_python_once_it_rests(browser_page):
    page = browser_page
    open_host(page, Theorem1Explorer())
    slider = page.locator("#one [data-control=beta2] input[type=range]")
    slider.focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    page.wait_for_function("model.saved === 1")
    assert page.evaluate("model.get('beta2')") == pytest.approx(0.125)
    other = page.locator("#two [data-control=beta2] .aab-number")
    assert other.input_value() == "0.125"


@pytest.mark.parametrize("typed, kept", [("0.4723", 0.4723), ("0,25", 0.25), ("1e-3", 0.001)])
def test_typed_number_is_taken(typed, kept, browser_page):
    page = browser_page
    open_host(page, Theorem1Explorer())
    field = page.locator("#one [data-control=beta2] .aab-number")
    field.fill(typed)
    field.press("Enter")
    page.wait_for_function("kept => model.get('beta2') === kept", arg=kept)
    assert page.locator("#one .aab-refusal:not(:empty)").count() == 0


@pytest.mark.parametrize(
    "name, typed, allowed",
    [
        ("alpha", "0", "α must be a number above 0."),
        ("alpha", "-3", "α must be a number above 0."),
        ("alpha", "1e999", "α must be a number above 0."),
        ("beta2", "1", "β₂ must be a number at least 0 and below 1."),
        ("beta2", "0.99999999999999999999", "β₂ must be a number at least 0 and below 1."),
        ("beta2", "-0.1", "β₂ must be a number at least 0 and below 1."),
        ("x1", "1.01", "x₁ must be a number at least −1 and at most 1."),
        ("steps", "10.5", "T must be a whole number at least 3 and at most 1,000,000."),
        ("steps", "nonsense", "T must be a whole number at least 3 and at most 1,000,000."),
        ("alpha", "", "α must be a number above 0."),
    ],
)
def test_number_that_python_refuses_is_refused_in_words(name, typed, allowed, browser_page):
    page = browser_page
    open_host(page, Theorem1Explorer())
    control = page.locator(f"#one [data-control={name}]")
    field, refusal = control.locator(".aab-number"), control.locator(".aab-refusal")
    before, shown = page.evaluate("name => model.get(name)", name), field.input_value()
    field.fill(typed)
    field.press("Enter")
    page.wait_for_timeout(300)
    assert page.evaluate("name => model.get(name)", name) == before
    assert page.evaluate("model.saved") == 0
    assert field.input_value() == shown
    # Seen, and said by a screen reader, at once and whenever the field is met again.
    assert refusal.is_visible() and refusal.inner_text().endswith(f" is refused: {allowed}")
    assert refusal.get_attribute("role") == "alert"
    assert field.get_attribute("aria-describedby") == refusal.get_attribute("id")
    # A number that is taken ends it.
    field.fill("0.5" if name != "steps" else "500")
    field.press("Enter")
    page.wait_for_function(
        "id => document.getElementById(id).textContent === ''", arg=refusal.get_attribute("id")
    )
    assert page.evaluate("name => model.get(name)", name) in (0.5, 500)


def test_reset_ends_a_refusal(browser_page):
    page = browser_page
    open_host(page, Theorem1Explorer())
    field = page.locator("#one [data-control=alpha] .aab-number")
    field.fill("0")
    field.press("Enter")
    page.locator("#one .aab-refusal", has_text="above 0").wait_for()
    page.locator("#one .aab-reset").click()
    page.wait_for_function("!document.querySelector('#one .aab-refusal:not(:empty)')")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_a_refusal_is_readable_and_fits(theme, width, browser_page):
    page = browser_page
    open_host(page, Theorem1Explorer(), width)
    page.evaluate("theme => { document.documentElement.dataset.theme = theme; }", theme)
    field = page.locator("#one [data-control=steps] .aab-number")
    field.fill("9" * 60)
    field.press("Enter")
    refusal = page.locator("#one .aab-refusal", has_text="whole number")
    refusal.wait_for()
    box = refusal.bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= width
    found = page.locator("#one .aab").evaluate(CONTRASTS)
    assert any("is refused" in entry[1] for entry in found if entry[0] == "text")
    assert too_faint(found) == []


def test_controls_that_a_method_lacks_are_off(browser_page):
    page = browser_page
    open_host(page, Theorem1Explorer(method="sgd"))
    for name in ("beta1", "beta2"):
        control = page.locator(f"#one [data-control={name}]")
        assert control.locator("input[type=range]").is_disabled()
        assert "SGD has no" in control.get_attribute("title")
    page.evaluate("model.set('method', 'adamnc')")
    page.wait_for_function(
        "document.querySelector('#one .aab-verdict').innerText.includes('fades')"
    )
    assert page.locator("#one [data-control=beta1] input[type=range]").is_enabled()


def test_jupyterlab_leaves_the_keys_to_the_controls(browser_page):
    page = browser_page
    open_host(page, Theorem1Explorer())
    for target in page.locator("#one :is(input, select, button)").all():
        assert target.get_attribute("data-lm-suppress-shortcuts") == "true"


def test_one_method_at_least_stays_chosen(browser_page):
    page = browser_page
    open_host(page, Figure1Explorer(methods=["adam"]))
    box = page.locator("#one input[value=adam]")
    box.focus()
    page.keyboard.press("Space")
    assert box.is_checked() and page.evaluate("model.get('methods')") == ["adam"]


def test_a_long_run_follows_a_drag(browser_page):
    """A million steps of all methods: the controls follow every frame, and the newest value wins.

    That the work comes in slices, so that frames go on, is tested without a clock in
    ``test_browser_modules.py``.
    """
    page = browser_page
    everything = ["sgd", "adagrad", "rmsprop", "adam", "adam_corrected", "amsgrad", "adamnc"]
    open_host(page, Figure1Explorer(methods=everything, steps=1_000_000))
    seen = page.evaluate(
        """async () => {
          const field = document.querySelector("#one [data-control=beta2] .aab-number");
          const seen = [];
          for (let k = 0; k < 40; k++) {
            model.set("beta2", 0.99 + k * 1e-4);
            await new Promise(requestAnimationFrame);
            await new Promise(requestAnimationFrame);
            seen.push(field.value);
          }
          return seen;
        }"""
    )
    assert seen == [f"{0.99 + k * 1e-4:.4f}".rstrip("0") for k in range(40)]


def test_leaving_removes_everything(browser_page):
    page = browser_page
    open_host(page, Theorem1Explorer())
    page.evaluate("leave.forEach((end) => end())")
    assert page.locator(".aab").count() == 0
    assert page.evaluate("Object.values(model.heard).flat().length") == 0
    page.evaluate("model.set('beta2', 0.5)")
