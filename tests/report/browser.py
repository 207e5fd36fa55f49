#!/usr/bin/env python3
"""The report in a real browser: opened, searched, filtered, toggled, printed, and read without JavaScript.

In: the path of a report, and perhaps `--shots DIRECTORY` for pictures of it, or `--measure` for times alone.
Out: what was seen, a line each; exit code 1 with the first thing that is not as it should be, 77 where there is no
Chromium.
Never here: a package. Chromium is driven over a pipe (`--remote-debugging-pipe`) by the protocol of its DevTools.
"""

import base64
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading
import time

SKIPPED = 77
NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"]
# So many seconds a browser may take for everything.
LIMIT = 240
PHONE, DESKTOP = (360, 740), (1280, 900)


class Browser:
    """Chromium with one page, and all that the page complained about or asked for."""

    def __init__(self, program):
        self.profile = tempfile.TemporaryDirectory(prefix="report-browser-", ignore_cleanup_errors=True)
        ours, theirs = os.pipe(), os.pipe()
        flags = [
            "--headless=new", "--no-first-run", "--no-default-browser-check", "--disable-gpu", "--disable-extensions",
            "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
            "--remote-debugging-pipe", "--hide-scrollbars", f"--user-data-dir={self.profile.name}",
        ]
        if os.geteuid() == 0:
            flags.append("--no-sandbox")

        # The browser reads from 3 and writes to 4.
        def pipes():
            read, write = os.dup(ours[0]), os.dup(theirs[1])
            os.dup2(read, 3)
            os.dup2(write, 4)

        self.child = subprocess.Popen(
            [program, *flags, "about:blank"], close_fds=False, preexec_fn=pipes,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        os.close(ours[0])
        os.close(theirs[1])
        # A browser that hangs is ended, and the next answer from it is missing.
        self.watch = threading.Timer(LIMIT, self.child.kill)
        self.watch.daemon = True
        self.watch.start()
        self.to, self.back = os.fdopen(ours[1], "wb", 0), os.fdopen(theirs[0], "rb")
        self.last, self.rest, self.events = 0, b"", []
        self.session = None
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ["Page", "Runtime", "Log", "Network", "Audits"]:
            self.ask(f"{domain}.enable")

    def ask(self, method, **params):
        self.last += 1
        message = {"id": self.last, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        self.to.write(json.dumps(message).encode() + b"\0")
        while True:
            answer = self.read()
            if answer.get("id") == self.last:
                if "error" in answer:
                    raise AssertionError(f"{method}: {answer['error']['message']}")
                return answer["result"]
            self.events.append(answer)

    def read(self):
        while b"\0" not in self.rest:
            piece = self.back.read1(1 << 20)
            if not piece:
                raise AssertionError("the browser is gone")
            self.rest += piece
        message, self.rest = self.rest.split(b"\0", 1)
        return json.loads(message)

    def wait(self, method):
        while not any(event.get("method") == method for event in self.events):
            self.events.append(self.read())

    def open(self, url):
        self.events = [event for event in self.events if event.get("method") != "Page.loadEventFired"]
        self.ask("Page.navigate", url=url)
        self.wait("Page.loadEventFired")

    def run(self, script):
        """The value of an expression on the page."""
        answer = self.ask("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise AssertionError(f"{script}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def key(self, key, code=None, text=None, number=0, modifiers=0):
        about = {"key": key, "code": code or key, "windowsVirtualKeyCode": number, "modifiers": modifiers}
        self.ask("Input.dispatchKeyEvent", type="keyDown", **about, **({"text": text} if text else {}))
        self.ask("Input.dispatchKeyEvent", type="keyUp", **about)

    def size(self, width, height):
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 500)

    def colours(self, scheme):
        self.ask("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def complaints(self):
        """Errors and warnings on the console, faults the browser found, and requests beyond the page itself."""
        found = []
        for event in self.events:
            method, params = event.get("method"), event.get("params", {})
            if method == "Runtime.exceptionThrown" or method == "Audits.issueAdded":
                found.append(json.dumps(params)[:400])
            elif method == "Runtime.consoleAPICalled" or method == "Log.entryAdded":
                found.append(json.dumps(params)[:400])
            elif method == "Network.requestWillBeSent":
                url = params["request"]["url"]
                if not url.startswith("file:") or params.get("type") != "Document":
                    found.append(f"a request to {url}")
        return found

    def close(self):
        self.session = None
        try:
            self.ask("Browser.close")
        except (AssertionError, OSError):
            pass
        self.watch.cancel()
        try:
            self.child.wait(20)
        except subprocess.TimeoutExpired:
            self.child.kill()
        self.profile.cleanup()


def sees(browser, what, script, expected=True):
    """Waits for what a script has started, but not long."""
    end = time.monotonic() + 10
    while (value := browser.run(script)) != expected:
        if time.monotonic() > end:
            raise AssertionError(f"{what}: {script} is {value!r}, not {expected!r}")
        time.sleep(0.02)
    print(f"ok: {what}")


SHOWN = "[...document.querySelectorAll('article')].filter(a => !a.closest('[hidden]')).length"


def fill(name, value):
    event = "input" if name == "words" else "change"
    return f"{{const f = document.getElementById({name!r}); f.value = {value!r}; f.dispatchEvent(new Event({event!r}))}}"


def use(browser, url):
    browser.size(*DESKTOP)
    browser.open(url)
    total = browser.run("document.querySelectorAll('article').length")
    sees(browser, "the search is there", "!document.getElementById('find').hidden")
    sees(browser, "all entries are there", SHOWN, total)

    # A word of the first entry finds it, and what does not occur finds nothing.
    subject = browser.run("document.querySelector('article h5 a').textContent")
    browser.run(fill("words", f'"{subject}"'))
    sees(browser, "a phrase finds its entry", f"{SHOWN} > 0 && {SHOWN} <= {total}")
    browser.run(fill("words", subject.split()[0]))
    sees(browser, "hits are marked", "CSS.highlights.has('found')")
    browser.run(fill("words", "no entry has these words zyx"))
    sees(browser, "what does not occur finds nothing", SHOWN, 0)
    sees(browser, "and that is said", "document.getElementById('found').textContent.startsWith('0 of ')")
    browser.run("document.getElementById('clear').click()")
    sees(browser, "clearing brings all back", SHOWN, total)

    for name in ["assistant", "author", "has"]:
        for value in browser.run(f"[...document.getElementById({name!r}).options].map(o => o.value).filter(Boolean)"):
            browser.run(fill(name, value))
            one = {
                "assistant": f"(a.dataset.a || 'none').split(' ').includes({value!r})",
                "author": f"a.dataset.w === {value!r}",
                "has": f"a.dataset.h.includes({value!r})",
            }[name]
            count = f"[...document.querySelectorAll('article')].filter(a => {one}).length"
            sees(browser, f"{name} {value}", f"{SHOWN} === {count}")
        browser.run(fill(name, ""))
    sees(browser, "no filter shows all", SHOWN, total)

    ground = "getComputedStyle(document.body).backgroundColor"
    browser.colours("light")
    light = browser.run(ground)
    browser.colours("dark")
    dark = browser.run(ground)
    assert light != dark, "the page does not follow the system's colours"
    for colour in [light, dark, dark]:
        browser.run("document.getElementById('theme').click()")
        sees(browser, browser.run("document.getElementById('theme').textContent"), ground, colour)

    widths = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    browser.run("document.querySelectorAll('details').forEach(part => { part.open = true })")
    for size in [PHONE, DESKTOP]:
        browser.size(*size)
        sees(browser, f"nothing is wider than {size[0]} pixels", widths)
    sees(browser, "every id is there once", "(ids => new Set(ids).size === ids.length)([...document.querySelectorAll('[id]')].map(e => e.id))")
    sees(browser, "every link leads somewhere on the page", "[...document.links].every(l => l.hash && document.getElementById(l.hash.slice(1)))")
    sees(browser, "nothing foreign became an element", "document.querySelectorAll('article script, article img, article iframe, article style, article b b').length", 0)
    sees(browser, "and nothing of it ran", "typeof globalThis.pwned", "undefined")


def keyboard(browser, url):
    """Only keys, from the top to an entry."""
    browser.open(url)
    browser.run("document.activeElement.blur()")
    browser.key("Tab", number=9)
    sees(browser, "the first stop skips to the entries", "document.activeElement.className", "skip")
    browser.key("Enter", text="\r", number=13)
    sees(browser, "and does", "document.activeElement.id", "entries")
    browser.run("document.querySelector('#calendar a[tabindex=\"0\"]').focus()")
    browser.key("Home", number=36)
    sees(browser, "Home goes to the calendar's first day", "document.activeElement === document.querySelector('#calendar a')")
    browser.key("Enter", text="\r", number=13)
    sees(browser, "Enter goes to its entries", "document.activeElement.tagName", "H4")
    sees(browser, "whose month is open", "document.activeElement.closest('details').open")
    browser.key("/", code="Slash", text="/", number=191)
    sees(browser, "/ goes to the search", "document.activeElement.id", "words")
    browser.key("q", code="KeyQ", text="q", number=81)
    sees(browser, "which takes what is typed", "document.activeElement.value", "q")
    browser.key("Escape", number=27)
    sees(browser, "Escape empties it", "document.activeElement.value", "")
    names = "[...document.querySelectorAll('button, input, select, summary, a')].every(e => (e.labels?.length || e.textContent.trim() || e.getAttribute('aria-label')))"
    sees(browser, "whatever takes the focus has a name", names)


def without_script(browser, url):
    browser.ask("Emulation.setScriptExecutionDisabled", value=True)
    browser.open(url)
    nodes = browser.ask("Accessibility.getFullAXTree")["nodes"]
    roles = [node.get("role", {}).get("value") for node in nodes if not node.get("ignored")]
    for role in ["banner", "navigation", "main", "contentinfo", "heading"]:
        assert role in roles, f"there is no {role} without JavaScript"
    assert "searchbox" not in roles, "a search that does nothing is shown"
    print("ok: it can be read without JavaScript")
    browser.ask("Emulation.setScriptExecutionDisabled", value=False)


def printed(browser, url):
    browser.open(url)
    pdf = base64.b64decode(browser.ask("Page.printToPDF", printBackground=True)["data"])
    assert pdf.startswith(b"%PDF") and len(pdf) > 5_000, "the page cannot be printed"
    print(f"ok: it prints, {len(pdf) >> 10} KiB")


# Contrast of all text against what lies behind it, WCAG 2.2: 4.5, or 3 for large text.
CONTRAST = """(() => {
  const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
  const rgb = (colour) => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); return canvas.getImageData(0, 0, 1, 1).data; };
  const light = (colour) => { const [r, g, b] = [...rgb(colour)].slice(0, 3).map(v => { v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; }); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const behind = (e) => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor; if (rgb(c)[3] === 255) return c; } return 'white'; };
  const poor = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const e = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || e.closest('script, svg, [hidden], select') || !e.checkVisibility()) continue;
    const style = getComputedStyle(e);
    const size = parseFloat(style.fontSize), large = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
    const [a, b] = [light(style.color), light(behind(e))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < (large ? 3 : 4.5)) poor.add(`${e.tagName}.${e.className} ${ratio.toFixed(2)}`);
  }
  return [...poor].join('; ');
})()"""


def contrast(browser, url):
    browser.size(*DESKTOP)
    for scheme in ["light", "dark"]:
        browser.colours(scheme)
        browser.open(url)
        browser.run("localStorage.clear(); delete document.documentElement.dataset.theme")
        browser.run("document.querySelectorAll('details').forEach((part, at) => { if (at < 400) part.open = true })")
        sees(browser, f"all text is legible in {scheme} colours", CONTRAST, "")


def measure(browser, url):
    browser.size(*DESKTOP)
    started = time.monotonic()
    browser.open(url)
    browser.run("new Promise(done => requestAnimationFrame(() => setTimeout(done)))")
    print(f"{time.monotonic() - started:.2f} s from opening to the first picture")
    for what, script in [
        ("the first search", fill("words", "checksum")), ("the next one", fill("words", "notariz")), ("a filter", fill("has", "r")),
    ]:
        took = browser.run(
            f"(async () => {{ const from = performance.now(); const f = document.getElementById('found'), was = f.textContent; {script};"
            "while (f.textContent === was) await new Promise(done => setTimeout(done, 5));"
            "await new Promise(done => requestAnimationFrame(() => setTimeout(done))); return performance.now() - from; })()"
        )
        print(f"{took:.0f} ms {what}")


def shoot(browser, url, directory):
    directory.mkdir(parents=True, exist_ok=True)
    for name, size in [("phone", PHONE), ("desktop", DESKTOP)]:
        for scheme in ["light", "dark"]:
            browser.size(*size)
            browser.colours(scheme)
            browser.open(url)
            browser.run("localStorage.clear(); delete document.documentElement.dataset.theme")
            browser.run("document.documentElement.style.scrollBehavior = 'auto'")
            browser.size(size[0], 1400)
            open_some = (
                "document.querySelectorAll('article').forEach((a, at) => { if (at < 6) a.querySelectorAll('details').forEach(d => { d.open = true }) });"
            )
            places = {
                "top": "scrollTo(0, 0)",
                "charts": "document.querySelector('#assistants').scrollIntoView()",
                "reading": "document.querySelector('#decisions, #reflections, #entries').scrollIntoView()",
                "entries": "document.querySelector('#entries').scrollIntoView()",
                "open": open_some + "document.querySelectorAll('article')[1]?.scrollIntoView()",
            }
            for place, script in places.items():
                browser.run(f"{{{script}}}")
                picture = browser.ask("Page.captureScreenshot", format="png")
                (directory / f"{name}-{scheme}-{place}.png").write_bytes(base64.b64decode(picture["data"]))


def main():
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        print("skipped: there is no Chromium here (Debian: apt-get install chromium)")
        return SKIPPED
    url = pathlib.Path(sys.argv[1]).resolve().as_uri()
    browser = Browser(program)
    try:
        if "--measure" in sys.argv:
            measure(browser, url)
            return 0
        if "--shots" in sys.argv:
            shoot(browser, url, pathlib.Path(sys.argv[sys.argv.index("--shots") + 1]))
            return 0
        for part in [use, keyboard, without_script, printed, contrast]:
            part(browser, url)
        complaints = browser.complaints()
        assert not complaints, "\n".join(complaints)
        print("ok: no complaint on the console, and no request to anywhere")
    except AssertionError as wrong:
        print(f"not as it should be: {wrong}")
        return 1
    finally:
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
