"""The API reference: Doxygen reads every header without a warning, and each thing stands there."""
import glob
import html
import os
import re
import subprocess

import pytest

from answering import ROOT, run

HTML = os.path.join(ROOT, "build", "reference", "html")


@pytest.fixture(scope="module")
def pages():
    """The text of each page by its name, made as `make reference` makes it."""
    assert run(os.path.join(ROOT, "tools", "reference")) == "build/reference/html/index.html\n"
    found = {}
    for path in glob.glob(os.path.join(HTML, "*.html")):
        with open(path, encoding="utf-8") as file:
            text = re.sub(r"<(script|style).*?</\1>", "", file.read(), flags=re.S)
        words = html.unescape(re.sub(r"<[^>]+>", " ", text))
        found[os.path.basename(path)] = re.sub(r"\s+", " ", words)
    return found


def test_every_header_has_a_page_that_says_what_it_is(pages):
    for name in os.listdir(os.path.join(ROOT, "include", "linnet")):
        page = pages[name.replace("_", "__").replace(".h", "_8h.html")]
        with open(os.path.join(ROOT, "include", "linnet", name), encoding="utf-8") as file:
            first = re.match(r"/\* (\w[\w ,']+)", file.read()).group(1)
        assert first in page, name


def test_every_function_is_there(pages):
    with open(os.path.join(ROOT, "packaging", "debian", "symbols"), encoding="utf-8") as file:
        names = re.findall(r"^ (\w+)@", file.read(), re.M)
    text = " ".join(page for name, page in pages.items() if name.endswith("_8h.html"))
    assert len(names) > 60
    assert [name for name in names if f"{name}()" not in text] == []


def test_comments_are_read_as_they_stand(pages):
    text = pages["text_8h.html"]
    assert 'Text of an HTML page, or the inside of a quoted attribute: & < > " \' are' in text
    assert 'linnet_text_put(&text, LINNET_SPAN("\\"}"));' in text  # an indented line
    assert "every byte but the unreserved ones as \"%XX\"" in text
    status = pages["status_8h.html"]
    assert "LINNET_STATUS_NOT_FOUND" in status  # made from rows
    assert "a name of linnet_drivers; NULL:" in pages["structlinnet__server__config.html"]


def test_a_warning_fails(tmp_path):
    (tmp_path / "wrong.md").write_text("# Wrong\n\nSee @ref nothing_of_this_name.\n")
    with open(os.path.join(ROOT, "docs", "Doxyfile"), encoding="utf-8") as file:
        settings = file.read() + f"INPUT += {tmp_path}/wrong.md\nOUTPUT_DIRECTORY = {tmp_path}\n"
    done = subprocess.run(["doxygen", "-"], input=settings, capture_output=True, text=True,
                          cwd=ROOT, check=False)
    assert done.returncode != 0 and "nothing_of_this_name" in done.stderr
