"""Debian's Chromium, driven by Selenium, at the staff's pages of a running shop."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

OWNER = {"email": "owner@feria.test", "password": "demo owner of feria"}
DESKTOP, PHONE = (1280, 900), (390, 844)
WAIT_S = 15


@dataclass
class Pages:
    """The pages as one of the staff uses them."""

    driver: Any
    base: str

    def open(self, path: str) -> None:
        self.driver.get(self.base + path)

    @property
    def path(self) -> str:
        return str(self.driver.current_url.removeprefix(self.base).partition("?")[0])

    @property
    def text(self) -> str:
        return str(self.find("body").text)

    def find(self, selector: str) -> WebElement:
        found: WebElement = self.driver.find_element(By.CSS_SELECTOR, selector)
        return found

    def all(self, selector: str) -> list[WebElement]:
        return list(self.driver.find_elements(By.CSS_SELECTOR, selector))

    def fill(self, **values: str) -> None:
        """Type into the controls of these names; `__` stands for a dot. Dates are put there: typing them is the
        browser's own business."""
        for name, value in values.items():
            control = self.find(f'[name="{name.replace("__", ".")}"]')
            if control.tag_name == "select" or control.get_attribute("type") in ("datetime-local", "date"):
                self.driver.execute_script("arguments[0].value = arguments[1]", control, value)
            else:
                if control.get_attribute("type") != "file":
                    control.clear()
                control.send_keys(value)

    def press(self, text: str) -> None:
        """Press the visible button or link of that text, and wait for the page that comes of it."""
        shown = [each for each in self.all("main button, main a, header button, header a") if each.is_displayed()]
        pressed = next((each for each in shown if each.text.strip() == text), None)
        assert pressed is not None, (text, [each.text for each in shown])
        self.click(pressed)

    def click(self, element: WebElement) -> None:
        """Click, and wait for the page that comes of it."""
        before = self.find("html")
        self.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", element)
        element.click()
        WebDriverWait(self.driver, WAIT_S).until(lambda _: self._is_new(before))

    def sign_in(self, otp: str = "", **account: str) -> None:
        """Sign in; the page that comes of it may be the same, with what is wrong."""
        self.open("/admin/sign-in")
        self.fill(**{**OWNER, **account}, otp=otp)
        self.click(self.find("form.sheet button"))

    def is_too_wide(self) -> bool:
        """Return True where one has to scroll sideways."""
        script = "return document.documentElement.scrollWidth > document.documentElement.clientWidth"
        return bool(self.driver.execute_script(script))

    def places(self) -> list[str]:
        """Return the address of every page: lists, forms of new things, the first thing of each list with its acts."""
        self.open("/admin")
        lists = self._links(".menu a")
        found = ["/admin/sign-in", "/admin", "/admin/me", *lists]
        for path in lists:
            self.open(path)
            found += [each for each in self._links(".head .acts a") if "/file/" not in each]
            things = self._links("#results tbody td.leading a")[:1]
            for thing in things:
                self.open(thing)
                found += [
                    thing,
                    *(each for each in self._links("main .acts a, main .card a") if each.startswith(f"{thing}/")),
                ]
        return [path for path in dict.fromkeys(found) if "/file/" not in path and not path.endswith(".csv")]

    def _links(self, selector: str) -> list[str]:
        script = "return [...document.querySelectorAll(arguments[0])].map((link) => link.getAttribute('href'))"
        return [link for link in self.driver.execute_script(script, selector) if link and link.startswith("/admin")]

    def _is_new(self, before: WebElement) -> bool:
        ready = self.driver.execute_script("return document.readyState") == "complete"
        return bool(ready and self.find("html") != before)


@contextmanager
def chromium(base: str, size: tuple[int, int] = DESKTOP, *, is_dark: bool = False) -> Iterator[Pages]:
    """Start the browser; without one the test is skipped."""
    browser, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if browser is None or driver is None:
        pytest.skip("there is no Chromium here: apt-get install chromium chromium-driver")
    options = webdriver.ChromeOptions()
    options.binary_location = browser
    width, height = size
    for argument in (
        "--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--hide-scrollbars",
        "--lang=en-US", f"--window-size={width},{height}",
    ):  # fmt: skip
        options.add_argument(argument)
    started = webdriver.Chrome(options=options, service=Service(driver))
    try:
        screen = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
        started.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if is_dark else "light"}
        started.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})
        yield Pages(started, base)
    finally:
        started.quit()
