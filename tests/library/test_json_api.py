"""The example json_api.c: its interface by curl, its JSON both ways, its page in a browser."""
import json
import os
import subprocess

import pytest

from asking import curl
from conftest import BUILD
from running import DEADLINE_S, ROOT, Running

ITEMS = 50
TITLE_LEN_MAX = 100
BODY_LEN_MAX = 1024
JSON = ("-H", "Content-Type: application/json")


@pytest.fixture
def server(examples):
    with Running(os.path.join(examples, "json_api"), "127.0.0.1:0") as it:
        it.url = "http://" + it.line("http://")
        it.list = it.url + "api/items"
        yield it
        assert it.end() == (0, "", "")


def send(url, method, body, *arguments):
    """The body is sent as it is if it is bytes."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return curl(url, "-X", method, *JSON, "--data-binary", "@-", *arguments, input=data)


def items(server):
    status, body = curl(server.list)
    assert status == 200
    return json.loads(body)["items"]


def test_an_item_from_its_beginning_to_its_end(server):
    assert curl(server.list) == (200, b'{"items":[]}')
    status, body = send(server.list, "POST", {"title": "Buy milk"})
    milk = {"id": 1, "title": "Buy milk", "done": False}
    assert (status, json.loads(body)) == (201, milk)
    assert json.loads(curl(server.list + "/1")[1]) == milk
    milk = {"id": 1, "title": "Buy oat milk", "done": True}
    assert send(server.list + "/1", "PUT", {"title": "Buy oat milk", "done": True}) == (
        200, b'{"id":1,"title":"Buy oat milk","done":true}')
    send(server.list, "POST", {"title": "Drink it", "done": False})
    assert items(server) == [milk, {"id": 2, "title": "Drink it", "done": False}]
    assert curl(server.list + "/1", "-X", "DELETE") == (204, b"")
    assert curl(server.list + "/1", "-X", "DELETE")[0] == 404
    assert curl(server.list + "/1")[0] == 404
    assert send(server.list, "POST", {"title": "next"})[1].startswith(b'{"id":3,')  # never again 1


def test_a_new_item_says_where_it_is(server):
    head = curl(server.list, "-i", *JSON, "-d", '{"title":"x"}')[1]
    assert b"\r\nLocation: /api/items/1\r\n" in head
    assert b"\r\nContent-Type: application/json\r\n" in head


@pytest.mark.parametrize("title", [
    'quotes " and \\ backslashes / slashes', "a\tb\nc\rd\be\ff", "\x01\x1f\x7f\x00",
    "äöü € 𝄞 😀", "</script><script>alert(1)</script>", "&amp;'",
])
@pytest.mark.parametrize("ascii_only", [False, True])
def test_titles_come_back_as_they_were(server, title, ascii_only):
    status, body = send(server.list, "POST",
                        json.dumps({"title": title}, ensure_ascii=ascii_only).encode())
    assert status == 201 and json.loads(body)["title"] == title
    assert items(server)[0]["title"] == title
    assert b"<" not in body


def test_json_may_be_written_in_any_way(server):
    body = b' \r\n{\t"done" : true ,\n"title":"\\u0041\\/\\ud834\\uDD1E" } '
    assert send(server.list, "POST", body)[1] == '{"id":1,"title":"A/𝄞","done":true}'.encode()
    assert curl(server.list, "-H", "content-type: Application/JSON; charset=utf-8", "-d",
                '{"title":"x"}')[0] == 201


@pytest.mark.parametrize("body", [
    b"", b"{}", b"[]", b"null", b'"title"', b"{", b'{"title"', b'{"title":', b'{"title":"x"',
    b'{"title":"x"}}', b'{"title":"x"},', b'{"title":"x",}', b'{,"title":"x"}', b'{"title":x}',
    b"{'title':'x'}", b'{"title":"x" "done":true}', b'{"title":1}', b'{"title":null}',
    b'{"title":["x"]}', b'{"title":""}', b'{"done":true}', b'{"title":"x","other":"y"}',
    b'{"title":"x","a name that is long":"y"}', b'{"title":"x","done":"true"}',
    b'{"title":"x","done":tru}', b'{"title":"\n"}', b'{"title":"\\x"}', b'{"title":"\\u12"}',
    b'{"title":"\\u12G4"}', b'{"title":"\\ud834"}', b'{"title":"\\ud834x"}',
    b'{"title":"\\ud834\\u0041"}', b'{"title":"\\udd1e"}', b'{"title":"x\\', b'{"title":"x\\"}',
    b"[" * 1000,
])
def test_what_is_no_item_is_422(server, body):
    assert send(server.list, "POST", body)[0] == 422
    assert items(server) == []


def test_a_change_says_all_of_the_item(server):
    send(server.list, "POST", {"title": "x"})
    assert send(server.list + "/1", "PUT", {"title": "y"})[0] == 422
    assert send(server.list + "/1", "PUT", {"done": True})[0] == 422
    assert send(server.list + "/2", "PUT", {"title": "y", "done": True})[0] == 404
    assert items(server) == [{"id": 1, "title": "x", "done": False}]


@pytest.mark.parametrize("kind", [(), ("-H", "Content-Type:"), ("-H", "Content-Type: text/plain"),
                                  ("-H", "Content-Type: application/jsonx"),
                                  ("-H", "Content-Type: application/jso")])
def test_what_does_not_call_itself_json_is_415(server, kind):
    """What a page of another site can send without asking is not taken."""
    assert curl(server.list, *kind, "-d", '{"title":"x"}')[0] == 415
    assert items(server) == []


@pytest.mark.parametrize("more, wanted", [(-1, 201), (0, 201), (1, 422)])
def test_the_longest_title(server, more, wanted):
    title = '"' * (TITLE_LEN_MAX + more)
    assert send(server.list, "POST", {"title": title})[0] == wanted
    assert [item["title"] for item in items(server)] == [title] * (wanted == 201)


@pytest.mark.parametrize("chunked", [(), ("-H", "Transfer-Encoding: chunked")])
@pytest.mark.parametrize("more, wanted", [(-1, 201), (0, 201), (1, 413)])
def test_s0_5_the_longest_body(server, more, wanted, chunked):
    """S0-5: a route that takes its content whole: more than its buffer is 413, chunked or not."""
    body = b'{"title":"x"}'
    body += b" " * (BODY_LEN_MAX + more - len(body))
    assert send(server.list, "POST", body, *chunked)[0] == wanted


def test_a_full_list_is_409_and_fits(server):
    """Every title as long as it can be once it is escaped: the list is still whole."""
    for _ in range(ITEMS):
        assert send(server.list, "POST", {"title": "<" * TITLE_LEN_MAX})[0] == 201
    assert send(server.list, "POST", {"title": "x"})[0] == 409
    assert len(items(server)) == ITEMS
    assert curl(server.list + "/7", "-X", "DELETE")[0] == 204
    assert send(server.list, "POST", {"title": "x"})[0] == 201


@pytest.mark.parametrize("path", ["/0", "/x", "/-1", "/18446744073709551615",
                                  "/18446744073709551616", "/1/2", "/"])
def test_s0_8_what_is_no_item_is_404(server, path):
    send(server.list, "POST", {"title": "x"})
    assert curl(server.list + path)[0] == 404


@pytest.mark.parametrize("path, method, allow", [
    ("", "DELETE", "GET, HEAD, POST, OPTIONS"),
    ("/1", "POST", "GET, HEAD, PUT, DELETE, OPTIONS"),
])
def test_s0_8_other_methods_are_405(server, path, method, allow):
    status, head = curl(server.list + path, "-i", "-X", method)
    assert status == 405 and f"\r\nAllow: {allow}\r\n".encode() in head


def test_s0_1_nothing_is_allocated(examples):
    trap = os.path.join(BUILD, "malloc_trap_preload.so")
    if not os.path.exists(trap):
        pytest.skip("a build without tests has no trap")
    with Running(os.path.join(examples, "json_api"), "127.0.0.1:0", LD_PRELOAD=trap) as it:
        url = "http://" + it.line("http://")
        assert send(url + "api/items", "POST", {"title": "x"})[0] == 201
        assert send(url + "api/items/1", "PUT", {"title": "ü", "done": True})[0] == 200
        assert curl(url + "api/items")[0] == curl(url)[0] == 200
        assert curl(url + "api/items/1", "-X", "DELETE")[0] == 204
        assert it.end() == (0, "", "")


def test_the_page_in_a_browser(server):
    done = subprocess.run(["node", "--test", os.path.join(ROOT, "tests/browser/json_api_page.mjs")],
                          env={**os.environ, "PAGE_URL": server.url}, capture_output=True,
                          text=True, check=False, timeout=8 * DEADLINE_S)
    assert done.returncode == 0, done.stdout + done.stderr
    assert items(server) == [{"id": 2, "title": "<b>Drink it</b>", "done": True}]
