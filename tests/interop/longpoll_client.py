# Python's http.client against the server of 07: python3 longpoll_client.py PORT
import http.client
import json
import sys
import threading
import urllib.request

PORT = int(sys.argv[1])
# Every character but the surrogates, which are halves of one, a part at a time.
ALL = "".join(map(chr, [*range(0xD800), *range(0xE000, 0x110000, 7)]))
TEXTS = [ALL[i : i + 10000] for i in range(0, len(ALL), 10000)]
TEXTS += ["", '"\\/', "\u2028\u2029\x7f", "👨‍👩‍👧‍👦", "</script>"]


def ask(connection, method, target, text=None):
    headers = {} if text is None else {"Content-Type": "text/plain; charset=utf-8"}
    connection.request(method, target, None if text is None else text.encode(), headers)
    response = connection.getresponse()
    assert response.status in (200, 201), (response.status, response.read())
    return json.loads(response.read())


def post(connection, text):
    return ask(connection, "POST", "/messages?name=%D0%90%D0%B4%D0%B0", text)["id"]


# One connection for all: http.client keeps it.
connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=20)
connection.connect()
socket = connection.sock
for text in TEXTS:
    last = post(connection, text)
    news = ask(connection, "GET", "/messages?wait=0&after=%d" % (last - 1))
    assert list(news) == ["messages", "last", "gap", "epoch"], list(news)
    assert news["messages"] == [{"id": last, "name": "Ада", "text": text}], ascii(news)[:300]
    assert (news["last"], news["gap"]) == (last, False), news
assert connection.sock is socket, "the connection was not kept"

# urllib waits, and somebody speaks.
url = "http://127.0.0.1:%d/messages?after=%d&wait=20" % (PORT, last)
speaker = threading.Timer(0.1, post, [connection, "Привіт 👋"])
speaker.start()
with urllib.request.urlopen(url, timeout=30) as response:
    news = json.load(response)
assert [message["text"] for message in news["messages"]] == ["Привіт 👋"], news
speaker.join()
print("all came back")
