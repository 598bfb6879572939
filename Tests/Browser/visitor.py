"""Somebody at a browser: headless Chromium, asked for by what a person sees."""

import json
import os
import time

from selenium import webdriver
from selenium.common.exceptions import (SessionNotCreatedException, StaleElementReferenceException, TimeoutException,
                                        WebDriverException)
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select, WebDriverWait

# A loaded machine may stall for long; whoever waits for something waits until it is there.
PATIENCE = 90

# What chromedriver says of a page that has just made room for the next, other than that an element is stale
# (SeleniumHQ/selenium#15401).
PASSING = ("does not belong to the document", "No node with given id", "Cannot find context", "context was destroyed",
           "Inspected target navigated", "Promise was collected", "uniqueContextId not found")


def is_passing(failure):
    """Whether a failure is of a page that is gone, and over with the next one."""
    return isinstance(failure, StaleElementReferenceException) or any(words in str(failure) for words in PASSING)


class Visitor:
    """One browser with a profile of its own, which ends with the `with` statement."""

    def __init__(self, url, folder, scripts=False):
        """`url`: where the page is; `folder`: an existing one for downloads; `scripts`: whether pages may run any."""
        self.url = url
        self.folder = folder
        options = webdriver.ChromeOptions()
        options.binary_location = "/usr/bin/chromium"
        for flag in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--hide-scrollbars",
                     "--window-size=1280,900", "--disable-background-networking", "--no-first-run"):
            options.add_argument(flag)
        options.add_experimental_option("prefs", {
            "download.default_directory": folder,
            "download.prompt_for_download": False,
            # 2: no page may run a script.
            "profile.managed_default_content_settings.javascript": 1 if scripts else 2,
            "credentials_enable_service": False,
        })
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.driver = self._start(options)
        self.driver.set_page_load_timeout(PATIENCE)

    @staticmethod
    def _start(options):
        # A browser that did not come up in time on a loaded machine comes up the next time.
        for _ in range(2):
            try:
                return webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)
            except SessionNotCreatedException:
                continue
        return webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.driver.quit()

    def wait(self, what, ask):
        """Asks again and again until there is an answer; a page that changes meanwhile is asked anew."""
        def ask_patiently(_):
            try:
                return ask()
            except WebDriverException as failure:
                if is_passing(failure):
                    return None
                raise
        try:
            return WebDriverWait(self.driver, PATIENCE, 0.1).until(ask_patiently)
        except TimeoutException:
            raise AssertionError(f"waited for {what} on {self.path}") from None

    def go(self, path):
        self.driver.get(self.url + path)

    def sign_in(self, name, password):
        self.go("/sign-in")
        self.fill("E-mail address", name)
        self.fill("Password", password)
        self.press("Sign in")
        self.see("Overview")

    @property
    def text(self):
        return self.driver.find_element(By.TAG_NAME, "body").text

    @property
    def path(self):
        return self.driver.current_url.removeprefix(self.url)

    def see(self, *words):
        """Waits until the page says each of them."""
        for word in words:
            self.wait(repr(word), lambda: word in self.text)

    def see_after_reloading(self, path, *words):
        """Loads a page again until it says all of them: what it tells of is still being done."""
        def ask():
            self.go(path)
            return all(word in self.text for word in words)
        self.wait(f"{words} on {path}", ask)

    def find(self, selector):
        return self.wait(selector, lambda: next(iter(self.driver.find_elements(By.CSS_SELECTOR, selector)), None))

    def row(self, words):
        """What the row of a table says in which these words stand."""
        return self.wait(f"a row with {words!r}",
                         lambda: next((e.text for e in self.all("main tbody tr") if words in e.text), None))

    def all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def follow(self, words, within="body"):
        """Follows the link that reads so, and waits for the page behind it."""
        self._leave(lambda: self._reading(f"{within} a", words))

    def press(self, words, within="body"):
        """Presses the button that reads so, and waits for the page that follows."""
        self._leave(lambda: self._reading(f"{within} button", words))

    def _leave(self, find):
        element = find()
        page = self.driver.find_element(By.TAG_NAME, "html")
        element.click()

        def is_gone():
            try:
                page.is_enabled()
                return False
            except WebDriverException as failure:
                if is_passing(failure):
                    return True
                raise
        self.wait("another page", is_gone)
        self.find("main h1")

    def _reading(self, selector, words):
        def ask():
            elements = self.driver.find_elements(By.CSS_SELECTOR, selector)
            # Also what only a screen reader is told.
            read = [(" ".join((e.get_attribute("textContent") or "").split()), e) for e in elements]
            return next(iter([e for t, e in read if t == words] + [e for t, e in read if words in t]), None)
        return self.wait(f"{selector} {words!r}", ask)

    def field(self, label):
        """The field with this label."""
        def ask():
            for element in self.driver.find_elements(By.TAG_NAME, "label"):
                if element.text.strip().startswith(label):
                    return self.driver.find_element(By.ID, element.get_attribute("for"))
            return None
        return self.wait(f"the field {label!r}", ask)

    def fill(self, label, value):
        field = self.field(label)
        if field.tag_name == "select":
            Select(field).select_by_visible_text(value)
            return
        if field.get_attribute("type") != "file":
            field.clear()
        field.send_keys(value)

    def download(self, words, within="body"):
        """Follows a link to a file, and gives the file's bytes."""
        before = set(os.listdir(self.folder))
        self._reading(f"{within} a", words).click()

        def ask():
            new = set(os.listdir(self.folder)) - before
            whole = [name for name in new if not name.endswith(".crdownload") and not name.startswith(".")]
            return whole[0] if len(new) == 1 and whole else None
        path = os.path.join(self.folder, self.wait("the download", ask))
        with open(path, "rb") as file:
            return file.read()

    def complaints(self):
        """What the console holds since the last call."""
        return [f"{entry['level']} {entry['message']}" for entry in self.driver.get_log("browser")]

    def expect_no_complaints(self):
        found = self.complaints()
        assert not found, f"the console says on {self.path}: {found}"

    # What a screen is like.

    def screen(self, width, height=900, scheme="light"):
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": False,
        })
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {
            "features": [{"name": "prefers-color-scheme", "value": scheme},
                         {"name": "prefers-reduced-motion", "value": "reduce"}],
        })

    def evaluate(self, expression):
        """The value of an expression in the page; what the page itself may run plays no part."""
        answer = self.wait("an answer of the page", lambda: self.driver.execute_cdp_cmd("Runtime.evaluate", {
            "expression": expression, "returnByValue": True, "awaitPromise": True,
        }))
        if "exceptionDetails" in answer:
            raise RuntimeError(json.dumps(answer["exceptionDetails"])[:2000])
        return answer["result"].get("value")

    def overflow(self):
        """By how many pixels the page is wider than the screen."""
        return self.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
