"""Headless Chromium for journeys: what a person sees and presses."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

WAIT_S = 30
AXE = Path(__file__).parents[2] / "examples" / "storefront" / "node_modules" / "axe-core" / "axe.min.js"
DESKTOP, PHONE = (1280, 900), (390, 844)


class Browser:
    """A window on the shop at `base`."""

    def __init__(self, driver: webdriver.Chrome, base: str) -> None:
        self.driver = driver
        self.base = base

    def open(self, path: str) -> None:
        self.driver.get(self.base + path)

    def size(self, width: int, height: int) -> None:
        """Be a window of that size; a narrow one is a phone."""
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)

    def scheme(self, name: str) -> None:
        """Prefer `light` or `dark`."""
        features = [{"name": "prefers-color-scheme", "value": name}]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})

    def until(self, holds: Callable[[], Any], what: str) -> Any:
        """Return the first true value of `holds()`; fail with `what` and what the page shows."""
        try:
            wait = WebDriverWait(self.driver, WAIT_S, 0.1, ignored_exceptions=[StaleElementReferenceException])
            return wait.until(lambda _: holds())
        except Exception as error:
            raise AssertionError(f"never: {what}\n{self.text('body')[:2000]}") from error

    def all(self, css: str) -> list[WebElement]:
        return self.driver.find_elements(By.CSS_SELECTOR, css)

    def one(self, css: str, text: str = "") -> WebElement:
        """Return the first visible element, where need be one that says `text`, once it is there."""

        def found() -> WebElement | None:
            shown = (each for each in self.all(css) if each.is_displayed() and text in each.text)
            return next(shown, None)

        element: WebElement = self.until(found, f"'{css}' saying '{text}'")
        return element

    def text(self, css: str) -> str:
        elements = self.all(css)
        return elements[0].text if elements else ""

    def sees(self, text: str, css: str = "body") -> None:
        """Wait until `css` says `text`."""
        self.until(lambda: text.lower() in self.text(css).lower(), f"'{text}' in '{css}'")

    def press(self, css: str, text: str = "") -> None:
        element = self.one(css, text)
        self.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", element)
        element.click()

    def fill(self, css: str, text: str) -> None:
        """Type `text` in place of what is there, as a person does: every letter is heard."""
        element = self.one(css)
        element.send_keys(Keys.CONTROL + "a")
        element.send_keys(Keys.DELETE, text)

    def accessibility(self) -> list[str]:
        """Return axe's serious and critical findings on the page as it is."""
        self.driver.execute_script(AXE.read_text(encoding="utf-8"))
        found = self.driver.execute_async_script(
            "axe.run(document, {resultTypes: ['violations']}).then(r => arguments[0](JSON.stringify(r.violations)))"
        )
        return [
            f"{each['id']}: {each['help']} ({'; '.join(node['html'][:120] for node in each['nodes'][:3])})"
            for each in json.loads(found)
            if each["impact"] in {"serious", "critical"}
        ]

    def complaints(self) -> list[str]:
        """Return what the console says of errors and of the Content-Security-Policy; answers of the API are none."""
        entries = self.driver.get_log("browser")  # type: ignore[no-untyped-call]
        return [
            each["message"]
            for each in entries
            if each["level"] == "SEVERE" and "Failed to load resource" not in each["message"]
        ]


@contextmanager
def chromium(base: str) -> Iterator[Browser]:
    """Open Chromium; skip where there is none."""
    program, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if program is None or driver is None:
        pytest.skip("chromium and chromedriver are not installed: apt-get install chromium-driver")
    options = Options()
    options.binary_location = program
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--lang=en-US"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    window = webdriver.Chrome(options=options, service=Service(driver))
    try:
        window.set_script_timeout(60)
        browser = Browser(window, base)
        browser.size(*DESKTOP)
        yield browser
    finally:
        window.quit()
