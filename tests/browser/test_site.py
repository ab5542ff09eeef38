"""The site on a desk and on a phone, in light and dark: nothing overflows, nothing is fetched from the network."""

import pytest
from playwright.sync_api import Browser


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_no_page_overflows_or_needs_the_network(browser: Browser, site, width, scheme):
    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    fetched = []
    page.on("request", lambda request: fetched.append(request.url))
    wide = []
    for path in sorted(site.glob("**/*.html")):
        page.goto(path.as_uri())
        if page.evaluate("document.documentElement.scrollWidth") > width:
            wide.append(path.name)
    assert wide == []
    assert [url for url in fetched if not url.startswith(("file:", "data:"))] == []
