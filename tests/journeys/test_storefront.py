"""The storefront as a person uses it: headless Chromium against a real `feria run` with demo data."""

from __future__ import annotations

import re
import urllib.request
from collections.abc import Iterator
from uuid import uuid4

import pytest
from browser import AXE, DESKTOP, PHONE, Browser, chromium
from selenium.webdriver.common.keys import Keys
from shop import Http, RunningShop, running_shop

pytestmark = pytest.mark.journey

CUSTOMER = ("customer@feria.test", "demo customer of feria")
PAGES = ("/", "/categories/lighting", "/products/kilim-rug", "/cart", "/login", "/blog", "/contact")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningShop]:
    folder = tmp_path_factory.mktemp("storefront")
    with running_shop(folder / "data", folder / "log.txt") as running:
        yield running


@pytest.fixture
def browser(shop: RunningShop) -> Iterator[Browser]:
    with chromium(shop.http.base) as opened:
        yield opened
        assert opened.complaints() == []


def head(url: str, **headers: str) -> dict[str, str]:
    request = urllib.request.Request(url, headers={name.replace("_", "-"): text for name, text in headers.items()})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return {name.lower(): text for name, text in answer.headers.items()}


def test_pages_are_guarded_and_files_with_a_hash_are_kept_for_ever(shop: RunningShop) -> None:
    page = shop.http.get("/").json.decode()
    policy = head(shop.http.base + "/")["content-security-policy"]
    assert "default-src 'none'; script-src 'self';" in policy
    assert "unsafe" not in policy
    for name in re.findall(r'"(/assets/[^"]+)"', page):
        sent = head(shop.http.base + name, Accept_Encoding="gzip")
        assert sent["cache-control"] == "public, max-age=31536000, immutable"
    assert head(shop.http.base + "/")["cache-control"] == "no-cache"


def test_a_page_is_found_by_its_address_and_the_api_keeps_its_own(shop: RunningShop) -> None:
    deep = shop.http.get("/products/kilim-rug", Accept="text/html")
    assert (deep.status, b'id="app"' in deep.json) == (200, True)
    for path in ("/api/nothing", "/api/products/nothing", "/media/nothing", "/assets/nothing.js", "/logo.png"):
        missing = shop.http.get(path, Accept="text/html")
        assert (missing.status, missing.json["status"]) == (404, 404), path
    assert shop.http.get("/nothing").status == 404, "who asks for no page gets a problem"


def test_a_visitor_narrows_down_searches_and_is_understood(browser: Browser) -> None:
    browser.open("/categories/lighting")
    browser.sees("8 products", ".results")
    browser.press(".facets label", "Ottilie Home")
    browser.sees("3 products", ".results")
    assert "brand=ottilie-home" in browser.driver.current_url
    browser.driver.back()
    browser.sees("8 products", ".results")
    browser.fill("input[type=search]", "wolnut tabel")
    browser.one("input[type=search]").send_keys(Keys.ENTER)
    browser.sees("instead of", ".notice")
    browser.sees("walnut table", ".notice")
    browser.fill("input[type=search]", "kilim")
    browser.one("#suggestions li", "Kilim rug")
    browser.one("input[type=search]").send_keys(Keys.ARROW_DOWN, Keys.ENTER)
    browser.sees("Kilim rug", "h1")
    assert browser.driver.title.startswith("Kilim rug")
    browser.press("nav#menu button", "Español")
    browser.sees("Añadir al carrito", ".buy")
    assert browser.driver.find_element("css selector", "html").get_attribute("lang") == "es"


def test_a_guest_buys_with_a_code_after_a_declined_card_and_3d_secure(browser: Browser, shop: RunningShop) -> None:
    browser.open("/products/kilim-rug")
    browser.press(".options label", "160 x 230 cm")
    browser.press(".buy button", "Add to cart")
    browser.press(".announcement a")
    browser.sees("Kilim rug", ".lines-list")
    code = "input[name=code]"
    browser.fill(code, "NOSUCHCODE")
    browser.press(".joined-form button")
    browser.one(".joined-form [role=alert]")
    browser.fill(code, "WELCOME10")
    browser.press(".joined-form button")
    browser.sees("WELCOME10", ".chips")
    browser.press(".summary .button", "Checkout")
    fill_address(browser, email="guest@example.com")
    browser.press(".choices label", "Standard")
    browser.press(".choices label", "Card")
    browser.press("section button", "Pay $")
    shop_window = browser.driver.current_window_handle
    browser.press(".waiting a.button")
    browser.until(lambda: len(browser.driver.window_handles) == 2, "the payment page is open")
    browser.driver.switch_to.window(browser.driver.window_handles[-1])
    browser.press("button[value=decline]")
    browser.sees("declined")
    browser.driver.switch_to.window(shop_window)
    browser.press(".waiting button", "I have paid")
    browser.one("section [role=alert]")
    browser.driver.switch_to.window(browser.driver.window_handles[-1])
    browser.press("button[value=secure]")
    browser.press("button[value=approve]")
    browser.sees("succeeded")
    browser.driver.switch_to.window(shop_window)
    browser.sees("Thank you!", "h1")
    browser.sees("paid", ".states")
    number = browser.driver.current_url.partition("/orders/")[2].partition("?")[0]
    browser.driver.refresh()
    browser.sees(number, "main")
    browser.until(lambda: any(number in mail["subject"] for mail in shop.http.mails()), "the mail is sent")
    assert browser.all(".cart-count") == []


def test_an_account_is_opened_by_mail_and_knows_addresses_and_orders(browser: Browser, shop: RunningShop) -> None:
    email, password = f"{uuid4().hex[:10]}@example.com", "a long pass phrase"
    browser.open("/login")
    second = "section:nth-of-type(2) "
    browser.fill(second + "input[name=name]", "Ana Mora")
    browser.fill(second + "input[name=email]", email)
    browser.fill(second + "input[name=password]", password)
    browser.press(second + "button")
    browser.sees("mailbox", second)
    browser.open(link_in_mail(browser, shop.http, email))
    browser.press("main form button")
    browser.press(".notice a")
    sign_in(browser, email, "not the password")
    browser.one("[role=alert]")
    sign_in(browser, email, password)
    browser.sees("Ana Mora", "h1")
    browser.sees("No orders yet.")
    browser.press(".folded summary")
    fill_address(browser, email=None, button=".folded form > button")
    browser.sees("500 Market Street", ".addresses")
    browser.press(".section-head button", "Sign out")
    browser.sees("Sign in", "nav#menu")


def test_a_customer_sees_his_orders(browser: Browser, shop: RunningShop) -> None:
    browser.open("/login?next=//elsewhere.example/")
    sign_in(browser, *CUSTOMER)
    browser.one("#orders")
    assert browser.driver.current_url.startswith(shop.http.base + "/account"), "nobody is led elsewhere"


def test_every_page_is_accessible_by_day_and_by_night_and_fits_a_phone(browser: Browser) -> None:
    if not AXE.exists():
        pytest.skip("axe is not installed: npm ci in examples/storefront")
    found = []
    for scheme, size in (("light", DESKTOP), ("dark", PHONE)):
        browser.scheme(scheme)
        browser.size(*size)
        for path in PAGES:
            browser.open(path)
            browser.one("h1")
            browser.until(lambda: not browser.all(".placeholder"), f"{path} is there")
            found += [f"{path} {scheme}: {each}" for each in browser.accessibility()]
            wide = browser.driver.execute_script("return document.documentElement.scrollWidth - innerWidth")
            assert wide <= 0, f"{path} is {wide} pixels wider than the window"
    assert not found, "\n".join(found)


def sign_in(browser: Browser, email: str, password: str) -> None:
    browser.fill("section:nth-of-type(1) input[name=email]", email)
    browser.fill("section:nth-of-type(1) input[name=password]", password)
    browser.press("section:nth-of-type(1) button")


def fill_address(browser: Browser, *, email: str | None, button: str = "main form button") -> None:
    if email is not None:
        browser.fill("main input[name=email]", email)
    browser.fill(".address input[name=name]", "Ana Mora")
    browser.one("select[name=region]").send_keys("California")
    browser.fill("input[name=line1]", "500 Market Street")
    browser.fill("input[name=city]", "San Francisco")
    browser.fill("input[name=postal_code]", "94105")
    browser.press(button)


def link_in_mail(browser: Browser, http: Http, email: str) -> str:
    """Return the path of the link in the newest mail to `email`."""
    mail = browser.until(
        lambda: next((each for each in http.mails() if each["to"] == email), None), f"a mail to {email}"
    )
    found = re.search(r"https?://[^/]+(/verify-email\?token=\S+)", mail["text"])
    assert found is not None, mail["text"]
    return found[1]
