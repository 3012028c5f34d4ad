"""The page itself: tables, hostile names, the keyboard, paper, phones, no scripts."""

import re

import pytest


def column(page, place):
    return page.locator(f"#customers-3 tbody tr:visible > :nth-child({place})").all_inner_texts()


def test_numbers_and_texts_are_sorted(show):
    page = show()
    heading = page.get_by_role("columnheader", name="still active")
    heading.get_by_role("button").click()
    assert heading.get_attribute("aria-sort") == "descending"
    shares = [float(text[:-1]) for text in column(page, 5)]
    assert len(shares) == 200 and shares == sorted(shares, reverse=True)
    heading.get_by_role("button").click()
    assert heading.get_attribute("aria-sort") == "ascending"
    shares = [float(text[:-1]) for text in column(page, 5)]
    assert shares == sorted(shares)
    name = page.locator("#customers-3").get_by_role("columnheader", name="customer")
    name.get_by_role("button").focus()
    page.keyboard.press("Enter")
    assert name.get_attribute("aria-sort") == "ascending" and heading.get_attribute("aria-sort") is None
    assert column(page, 1) == sorted(column(page, 1))


def test_rows_are_filtered_and_counted(show):
    page = show()
    field = page.get_by_label("Filter")
    said = page.locator(".filter output")
    assert said.inner_text() == "200 rows" and said.get_attribute("aria-live") == "polite"
    some = column(page, 1)[3]
    field.fill(some.lower())
    assert column(page, 1) == [some]
    assert said.inner_text() == "1 of 200 rows match"
    field.fill("nobody is called that")
    assert column(page, 1) == [] and said.inner_text() == "0 of 200 rows match"
    field.fill("")
    assert len(column(page, 1)) == 200


def test_hostile_names_are_text(show):
    page = show("hostile")
    names = column(page, 1)
    assert "<script>window.__pwned=1;alert(1)</script>" in names
    assert "{{ 7 * 7 }}{% raw %}" in names and "__proto__" in names and "&lt;b&gt; &amp;" in names
    assert "evil⟨U+202E⟩gnp.exe" in names and "bell⟨U+0007⟩" in names
    assert max(len(name) for name in names) >= 10_000
    assert "\u202e" not in page.content() and "\u2028" not in page.content()
    assert page.locator("img, iframe, object, embed, form:not(.vega-bindings), a[href^='javascript']").count() == 0
    assert page.locator("script").count() == 3
    assert page.evaluate("Object.prototype.polluted") is None
    # The name of the file, too.
    assert "<img src=x onerror=window.__pwned=6>.csv" in page.locator("header").inner_text()
    # Filters take them as text as well.
    page.get_by_label("Filter").fill("<script>window")
    assert all("<script>window" in name for name in column(page, 1)) and column(page, 1)
    page.get_by_label("Filter").fill("xxx")
    clipped = page.locator("#customers-3 bdi.clip:visible").first
    assert clipped.get_attribute("title") == clipped.text_content()
    assert clipped.bounding_box()["width"] < 300


@pytest.mark.parametrize("name", ["normal", "hostile"])
@pytest.mark.parametrize("width", [360, 390, 768, 1280])
def test_the_page_never_scrolls_sideways(show, name, width):
    page = show(name, width)
    for summary in page.locator("summary").all():
        summary.click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_keyboard_is_enough(show):
    page = show()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.name") == "horizon":
            break
    assert page.evaluate("document.activeElement.value") == "12 months"
    page.keyboard.press("ArrowLeft")
    assert page.evaluate("document.activeElement.value") == "6 months"
    assert page.get_by_role("region", name="Key figures").get_by_text("437,417").is_visible()
    outline = page.evaluate("getComputedStyle(document.activeElement.nextElementSibling).outlineStyle")
    assert outline == "solid"


@pytest.mark.parametrize("name", ["normal", "hostile"])
def test_without_scripts_words_and_tables_remain(show, name):
    page = show(name, scripts=False)
    assert "charts need JavaScript" in page.locator("noscript").inner_text()
    assert page.locator(".verdict h2").first.is_visible()
    shown = page.locator("dd", has_text="829,577" if name == "normal" else "").first
    assert shown.is_visible()
    assert not page.get_by_label("Filter").is_visible()
    details = page.locator("#tracking details")
    details.locator("summary").click()
    assert details.locator("tbody tr:visible").count() > 20
    # The switch is a matter of style.
    label = page.locator("#customers-3 thead [data-h='0']").first
    assert not label.is_visible()
    page.get_by_text("3 months", exact=True).first.click()
    assert label.is_visible()


def test_paper(show):
    page = show(color_scheme="dark")
    page.emulate_media(media="print")
    assert not page.locator("nav").is_visible() and not page.locator("summary").first.is_visible()
    assert page.get_by_text("The first 50 of 200 rows are printed.").is_visible()
    assert page.locator("#customers-3 tbody tr:visible").count() == 50
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    # Charts are drawn anew for the width of paper, so that their letters are not too small.
    widths = "[...document.querySelectorAll('svg.marks')].map(svg => Number(svg.getAttribute('width')))"
    screen = page.evaluate(widths)
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.wait_for_timeout(500)
    assert all(paper < 0.95 * wide for paper, wide in zip(page.evaluate(widths), screen, strict=True))
    page.emulate_media(media="screen")
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    page.wait_for_timeout(500)
    assert all(abs(after - wide) < 8 for after, wide in zip(page.evaluate(widths), screen, strict=True))
    page.emulate_media(media="print")
    paper = page.pdf(format="A4")
    assert paper.startswith(b"%PDF") and len(paper) > 50_000
    assert 3 <= len(re.findall(rb"/Type\s*/Page\b", paper)) <= 30


def test_the_markup_is_accessible(show):
    page = show()
    assert page.evaluate("document.documentElement.lang") == "en"
    levels = page.evaluate("[...document.querySelectorAll('h1,h2,h3,h4')].map(h => Number(h.tagName[1]))")
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after - before <= 1 for before, after in zip(levels, levels[1:]))
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map(x => x.id)")
    assert len(ids) == len(set(ids))
    assert page.evaluate("[...document.querySelectorAll('input')].every(x => x.labels.length === 1)")
    assert page.evaluate("[...document.querySelectorAll('table')].every(x => x.caption && x.caption.textContent.trim())")
    assert page.evaluate("[...document.querySelectorAll('thead th')].every(x => x.scope === 'col')")
    assert page.evaluate("[...document.querySelectorAll('tbody th')].every(x => x.scope === 'row')")
    links = page.evaluate("[...document.querySelectorAll('a')].map(x => x.getAttribute('href'))")
    assert all(link.startswith("#") and link[1:] in ids for link in links)
    for landmark in ("banner", "navigation", "main", "contentinfo"):
        assert page.get_by_role(landmark).count() == 1


CONTRAST = """() => {
    const channel = c => (c /= 255) <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    const light = c => { const [r, g, b] = c.map(channel); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
    const parse = text => text.match(/[\\d.]+/g).map(Number);
    const behind = x => {
        for (; x; x = x.parentElement) {
            const c = parse(getComputedStyle(x).backgroundColor);
            if (c.length === 3 || c[3] > 0) return c.slice(0, 3);
        }
        return [255, 255, 255];
    };
    const poor = [];
    for (const x of document.querySelectorAll('p, h1, h2, h3, td, th, dt, dd, a, label, summary, button, legend, svg text')) {
        if (!x.textContent.trim() || !x.checkVisibility()) continue;
        const style = getComputedStyle(x);
        const a = light(parse(x instanceof SVGElement ? style.fill : style.color).slice(0, 3)), b = light(behind(x));
        const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        if (ratio < 4.5) poor.push(`${ratio.toFixed(2)} ${x.tagName} ${x.textContent.trim().slice(0, 40)}`);
    }
    return poor;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_has_contrast(show, scheme):
    assert show(color_scheme=scheme).evaluate(CONTRAST) == []


def test_the_policy_is_strict_and_the_file_is_small(show, pages):
    for name in ("normal", "hostile", "million"):
        text = (pages / f"{name}.html").read_text(encoding="utf-8")
        assert len(text.encode()) < 5_000_000
        head = text[text.index("<head>") + 6 :].lstrip()
        assert head.startswith('<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; ')
        assert "unsafe-" not in head[: head.index(">")]
        markup = re.sub(r"<(script|style)\b.*?</\1>", "", text, flags=re.S)
        assert not re.search(r"<[^>]*\s(style|on[a-z]+)=", re.sub(r'"[^"]*"', '""', markup))
    # The policy holds: a script that is not the page's own does not run, and is noticed.
    page = show()
    page.evaluate("""() => { const script = document.createElement('script');
        script.textContent = 'window.__foreign = 1'; document.body.append(script); }""")
    assert page.evaluate("window.__foreign") is None
    assert len(page.evaluate("window.__violations.splice(0)")) == 1
    assert "Content Security Policy" in show.complaints.pop()


def test_a_million_customers_fit_a_page(show):
    page = show("million")
    assert "1,000,000 customers" in page.locator("header").inner_text()
    assert page.get_by_text("the 200 most valuable of 1,000,000").is_visible()
    assert len(column(page, 1)) == 200
    page.locator("#customers-3").get_by_role("button", name="came back").click()
    repeats = [int(text.replace(",", "")) for text in column(page, 2)]
    assert repeats == sorted(repeats, reverse=True)
    page.get_by_text("3 months", exact=True).first.click()
    assert page.locator("#customers-3 thead [data-h='0']").first.is_visible()


@pytest.mark.parametrize("name", ["normal", "hostile", "million"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_pictures(show, screenshots, name, width, scheme):
    page = show(name, width=width, color_scheme=scheme)
    picture = screenshots / f"{name}-{width}-{scheme}.png"
    page.screenshot(path=picture, full_page=True)
    assert picture.stat().st_size > 100_000
