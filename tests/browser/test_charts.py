"""Charts are there, answer the pointer, follow the switch, the scheme and the width."""

import re

import pytest

HOVERED = ".mark-rect path, .mark-symbol path, .mark-rule line"


def charts(page):
    return page.locator("figure.chart").all()


@pytest.mark.parametrize("name", ["normal", "hostile", "million"])
@pytest.mark.parametrize("width", [1280, 360])
def test_every_chart_is_drawn(show, name, width):
    page = show(name, width)
    assert page.locator("svg.marks").count() == page.locator(".plot").count() == 16
    for chart in charts(page):
        title = chart.locator("h3").inner_text()
        assert chart.locator("svg [class*='mark-'] :is(path, line, text)").count() > 3, title
        box, svg = chart.locator(".plot").bounding_box(), chart.locator("svg.marks").bounding_box()
        assert svg["height"] > 100, title
        assert 0.8 * box["width"] < svg["width"] <= box["width"] + 1, (title, svg, box)
        # A chart that had to be shrunk has letters that nobody can read.
        assert svg["width"] > 0.97 * float(chart.locator("svg.marks").get_attribute("width")), title


@pytest.mark.parametrize("width", [1280, 390])
def test_every_chart_tells_numbers_under_the_pointer(show, width):
    page = show(width=width)
    tip = page.locator("#tip")
    for chart in charts(page):
        chart.locator("svg.marks").scroll_into_view_if_needed()
        page.mouse.move(1, 1)
        told = None
        marks = chart.locator(HOVERED)
        for place in range(marks.count() // 3, marks.count()):
            mark = marks.nth(place)
            box = mark.bounding_box()
            middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
            if not 120 < middle[1] < 890:
                continue
            page.mouse.move(*middle)
            if tip.is_visible():
                told = tip.inner_text()
                break
        assert told and re.search(r"\d", told), chart.locator("h3").inner_text()
        room = tip.bounding_box()
        assert room["x"] >= 0 and room["x"] + room["width"] <= width, told
        assert room["y"] >= 0 and room["y"] + room["height"] <= 900, told


def test_the_switch_changes_charts_tables_and_figures(show):
    page = show()
    drawn = lambda: page.locator("#purchases-map svg .mark-rect").first.inner_html()
    lines = lambda: page.locator("#iso-value svg .mark-line").first.evaluate("group => group.parentNode.innerHTML")
    still = lambda: page.locator("#alive-map svg .mark-rect").first.inner_html()
    before = drawn(), lines(), still()
    figures = page.get_by_role("region", name="Key figures")
    assert figures.get_by_text("829,577").is_visible()
    page.get_by_text("3 months", exact=True).first.click()
    page.wait_for_timeout(300)
    assert drawn() != before[0] and lines() != before[1] and still() == before[2]
    assert figures.get_by_text("226,269").is_visible() and not figures.get_by_text("829,577").is_visible()
    assert page.locator("#customers-3 thead [data-h='0']").first.is_visible()
    assert not page.locator("#customers-3 thead [data-h='2']").first.is_visible()
    assert page.locator("#customers-0 tbody tr:visible").count() == 3
    assert page.locator("#purchases-map h3").inner_text().endswith(", 3 months")


def colours(page):
    return page.evaluate("""() => [...document.querySelectorAll('svg.marks')].map(svg => {
        const of = (selector, name) => [...new Set([...svg.querySelectorAll(selector)].map(x => getComputedStyle(x)[name]))];
        return {
            text: of('.role-axis-label text, .role-legend-label text', 'fill'),
            fill: of('.role-mark path', 'fill'),
            stroke: of('.role-mark :is(path, line)', 'stroke'),
            legend: of('.role-legend :is(path, rect)', 'fill').concat(of('.role-legend path', 'stroke')),
        };
    })""")


def test_colours_follow_the_scheme_without_drawing_again(show):
    page = show(color_scheme="light")
    light = colours(page)
    page.evaluate("document.querySelectorAll('svg.marks').forEach(svg => { svg.kept = true; })")
    page.emulate_media(color_scheme="dark")
    dark = colours(page)
    assert page.evaluate("[...document.querySelectorAll('svg.marks')].every(svg => svg.kept)")
    for one, other in zip(light, dark, strict=True):
        assert one["text"] and one["text"] != other["text"]
        assert (one["fill"], one["stroke"]) != (other["fill"], other["stroke"])
        assert not one["legend"] or one["legend"] != other["legend"], one["legend"]
    # On paper it is light again.
    page.emulate_media(media="print", color_scheme="dark")
    assert colours(page) == light
    # No colour was left for black because its name was not understood.
    assert not any("rgb(0, 0, 0)" in chart[part] for chart in light for part in ("text", "fill", "stroke"))


def test_charts_follow_the_width(show):
    page = show()
    for width in (700, 400, 1100):
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_timeout(600)
        for chart in charts(page):
            box, svg = chart.locator(".plot").bounding_box(), chart.locator("svg.marks").bounding_box()
            assert 0.8 * box["width"] < svg["width"] <= box["width"] + 1, (width, chart.locator("h3").inner_text())


def test_charts_say_what_they_are(show):
    page = show()
    for chart in charts(page):
        drawing = chart.locator("[role=graphics-document][aria-roledescription]")
        assert drawing.locator("svg.marks").count() == 1
        said = drawing.get_attribute("aria-label")
        assert chart.locator("h3").evaluate("heading => heading.firstChild.textContent") in said
        assert chart.locator("figcaption p").inner_text() in said
        chart.locator("summary").click()
        assert chart.locator("details table tbody tr:visible").count() > 3
        assert chart.locator("details table thead th").count() > 1
