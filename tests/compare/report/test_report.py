"""What is told of measured figures: tables, lines, and the picture. The program compare is not needed."""
import copy
import json
import pathlib
import subprocess
import sys
import unittest
import xml.etree.ElementTree

sys.dont_write_bytecode = True
REPORT = pathlib.Path(__file__).resolve().parents[3] / "compare/report"
sys.path.insert(0, str(REPORT))
import plot  # noqa: E402
from figures import three_figures, whole_number  # noqa: E402
from loads import idleness, load  # noqa: E402
from rooms import name_of, rooms  # noqa: E402
from table import table  # noqa: E402
from tables import faults, tables  # noqa: E402

NAMES = {"websocket": ("WebSocket", "05_ws_chat"), "sse": ("SSE", "06_sse"), "udp": ("UDP echo to itself", "03_udp"),
         "ajax-100": ("AJAX every 100 ms", "07_longpoll")}


def row_of(transport):
    """Four who heard two messages each: eight deliveries."""
    title, step = NAMES[transport]
    return {"transport": transport, "title": title, "step": step,
            "join_ms": {"count": 3, "p50": 1.5, "p99": 2, "max": 2},
            "delay_ms": {"count": 8, "p50": 4, "p99": 8, "max": 8},
            "delay_ms_all_write": {"count": 3, "p50": 12, "p99": 13, "max": 13},
            "said_late_ms_max": 0, "participants": 4, "messages": 2,
            "bytes_sent": {"text": 100, "framing": 16, "headers": 80, "messages": 2, "calls": 2},
            "bytes_received": {"text": 400, "framing": 160, "headers": 8, "messages": 8, "calls": 8},
            "tcp_ip_bytes_estimated": 800, "requests": 2, "connections": 6, "connections_made_while_it_wrote": 0,
            "server_cpu_seconds": 0.004, "server_kib_a_client": 12.5, "said_while_one_was_away": 5, "lost_by_it": 3,
            "idle_client": {"messages_a_minute": 6, "bytes_a_minute": 24},
            "delay_curve": [[part / 8, part] for part in range(1, 9)]}


FAULTY = {"transport": "sse", "title": "SSE", "step": "06_sse", "fault": "participant 2 heard \"a<b & 'c'\" twice"}


def chat_of(*rows, delay=0):
    return {"clients": 3, "messages": 2, "rate": 10, "size": 50, "delay_ms": delay, "rows": list(rows)}


def text_of(*rows, delay=0, is_brief=False, colour=False):
    return tables(chat_of(*rows, delay=delay), is_brief, colour)


def without(row, *names):
    return {name: value for name, value in copy.deepcopy(row).items() if name not in names}


class Figures(unittest.TestCase):
    def test_figures_have_three_places(self):
        for value, text in ((0, "0"), (0.0004, "0"), (0.0421, "0.042"), (0.9996, "1.00"), (1.234, "1.23"), (9.996, "10.0"),
                            (45.64, "45.6"), (99.96, "100"), (789.4, "789"), (1200, "1200"), (12345, "12 345"),
                            (167400, "167 400"), (1234567, "1 234 567")):
            self.assertEqual(three_figures(value), text)

    def test_counts_have_all_their_figures_in_groups_of_three_when_there_are_many(self):
        for value, text in ((0, "0"), (9999, "9999"), (10000, "10 000"), (1234567, "1 234 567")):
            self.assertEqual(whole_number(value), text)

    def test_a_table_stands_in_columns_counted_in_characters(self):
        columns = [("who", ""), ("a", "a pair"), ("long\nheading", "a pair")]
        rows = [["Ада", "1", "2"], ["Bob", "100", "–"], ["nobody", "goes on to the end, however long it is"]]
        self.assertEqual(table(columns, rows), (
            "        ─── a pair ───\n"
            "                  long\n"
            "who         a  heading\n"
            "Ада         1        2\n"
            "Bob       100        –\n"
            "nobody  goes on to the end, however long it is\n"), "left for names, right for figures, all as wide as 0.123")
        self.assertTrue(table(columns, rows, "<", ">").startswith("<"))
        self.assertEqual(table([("", ""), ("abcde", "one"), ("e", "one"), ("f", "other")], []),
                         "  ─── one ────  other\n  abcde      e      f\n",
                         "a group's name in the middle, and one that has no room around it alone")


class Tables(unittest.TestCase):
    def cells(self, text, heading, title):
        """The cells of the row that begins with `title`, in the table after `heading`."""
        rest = text[text.index(heading):]
        begin = rest.index("\n" + title) + 1 + len(title)
        return " ".join(rest[begin:rest.index("\n", begin)].split())

    def test_tables_hold_what_was_measured_per_delivery_and_per_client(self):
        text, title = text_of(row_of("websocket"), row_of("ajax-100")), "WebSocket (05)"
        self.assertEqual(self.cells(text, "is heard", title), "4.00 8.00 8.00 12.0 13.0 1.50 3 of 5")
        self.assertEqual(self.cells(text, "weighs", title), "12.5 2.00 10.0 50.0 20.0 1.00 95.5 100")
        self.assertEqual(self.cells(text, "costs", title), "0.250 1.50 500 12.5 6.00 24.0")
        self.assertIn("2 messages of 50 bytes, 10 a second, to 3 readers", text)
        self.assertIn("side by side", text)
        self.assertIn("No connection was made for a message", text)
        self.assertNotIn("No connection was made", text_of({**row_of("websocket"), "connections_made_while_it_wrote": 1}))
        self.assertNotIn("there and back", text)
        self.assertNotIn("\033", text)
        self.assertIn("\033[1m", text_of(row_of("sse"), colour=True))

    def test_a_row_with_a_fault_has_no_figures_anywhere(self):
        text = text_of(row_of("websocket"), FAULTY)
        for heading in ("is heard", "weighs", "costs"):
            self.assertEqual(self.cells(text, heading, "SSE (06)"), "no figures: see below")
        self.assertEqual(faults(chat_of(row_of("websocket"), FAULTY)),
                         "SSE (06): participant 2 heard \"a<b & 'c'\" twice\n")

    def test_the_time_that_a_busy_machine_or_a_long_path_adds_is_reported(self):
        text = text_of({**row_of("udp"), "said_late_ms_max": 12.34}, delay=20)
        for words in ("up to 12.3 ms late", "20 ms each way: 40 ms there and back", "delay is made by their server (03)",
                      "An echo is no chat"):
            self.assertIn(words, text)

    def test_a_brief_table_has_what_one_writers_messages_show(self):
        text = text_of(row_of("websocket"), FAULTY, is_brief=True)
        self.assertEqual(self.cells(text, "delay, ms", "WebSocket (05)"), "4.00 8.00 62.5 22.0 11.0 0.250")
        self.assertEqual(self.cells(text, "delay, ms", "SSE (06)"), "no figures: see below")
        self.assertNotIn("What it costs", text)

    def test_memory_that_shrinks_and_what_was_not_measured_have_no_figure(self):
        row = without(row_of("websocket"), "idle_client", "said_while_one_was_away", "lost_by_it")
        row.update(server_kib_a_client=-1, delay_ms_all_write=None, join_ms=None)
        text = text_of(row)
        self.assertEqual(self.cells(text, "is heard", "WebSocket (05)"), "4.00 8.00 8.00 – – – –")
        self.assertEqual(self.cells(text, "costs", "WebSocket (05)"), "0.250 1.50 500 0 – –")
        row = without(row, "server_cpu_seconds", "server_kib_a_client")
        self.assertEqual(self.cells(text_of(row), "costs", "WebSocket (05)"), "0.250 1.50 – – – –")
        for words in ("An echo is no chat", "ms late", "side by side"):
            self.assertNotIn(words, text)


class Pictures(unittest.TestCase):
    def test_a_picture_shows_each_delay_and_each_byte_at_its_place(self):
        picture = plot.plot(chat_of(row_of("websocket"), row_of("ajax-100")))
        for part in (
                # One decade is 760 wide, and all who have heard are 320 high.
                'stroke="#0072b2" stroke-width="2.5" points="190.0,440.0 190.0,400.0 418.8,360.0 '
                '552.6,320.0 647.6,280.0 721.2,240.0 781.4,200.0 832.3,160.0 876.3,120.0"/>',
                'stroke="#d55e00" stroke-width="2.5"',
                'text-anchor="middle" fill="#222222">1 ms<', 'text-anchor="middle" fill="#222222">10 ms<',
                # 62.5, 22, 11 and 100 bytes stand side by side: 690 wide, and their sum behind them.
                'x="190.0" y="660.0" width="220.6" height="22.0" fill="#0072b2"',
                'x="410.6" y="660.0" width="77.6" height="22.0" fill="#e69f00"',
                'x="488.2" y="660.0" width="38.8" height="22.0" fill="#d55e00"',
                'x="527.1" y="660.0" width="352.9" height="22.0" fill="#bbbbbb"',
                '<text x="888.0" y="676.0" font-size="14.0" text-anchor="start" fill="#222222">196<',
                'x="190.0" y="694.0"', 'viewBox="0 0 1000 758"'):
            self.assertIn(part, picture)
        self.assertNotIn("each way", picture)
        self.assertIn("The path takes 20 ms each way.", plot.plot(chat_of(row_of("websocket"), delay=20)))

    def test_a_picture_has_no_row_with_a_fault(self):
        picture = plot.plot(chat_of(row_of("websocket"), FAULTY))
        self.assertIn(">WebSocket</text>", picture)
        self.assertNotIn(">SSE</text>", picture)
        self.assertIn("There are no figures", plot.plot(chat_of(FAULTY)))

    def test_a_picture_has_room_for_any_delays(self):
        same = plot.plot(chat_of({**row_of("websocket"), "delay_curve": [[0.5, 1], [1, 1]]}))
        self.assertNotIn("nan", same)
        self.assertNotIn("inf", same)
        wide = plot.plot(chat_of({**row_of("websocket"), "delay_curve": [[0.5, 0], [1, 5000]]}))
        self.assertIn(' 917.3,120.0"/>', wide, "seven decades, the first one below 1 ms")
        for label in (">0.001 ms<", ">1 s<", ">10 s<"):
            self.assertIn(label, wide)

    def test_a_picture_escapes_what_would_be_markup(self):
        svg = plot.Svg(10, 20, "a < b")
        svg.text(1, 2, "x & y > z")
        svg.line([(0, 0), (1.25, 2)], "red", 1)
        self.assertEqual(
            svg.finish(),
            '<svg xmlns="http://www.w3.org/2000/svg" width="10.0" height="20.0" viewBox="0 0 10 20" role="img"'
            " font-family=\"system-ui, 'DejaVu Sans', Arial, sans-serif\">\n"
            "<title>a &lt; b</title>\n"
            '<rect x="0.0" y="0.0" width="10.0" height="20.0" fill="white"/>\n'
            '<text x="1.0" y="2.0" font-size="14.0" text-anchor="start" fill="#222222">x &amp; y &gt; z</text>\n'
            '<polyline fill="none" stroke-linejoin="round" stroke="red" stroke-width="1.0" points="0.0,0.0 1.2,2.0"/>\n'
            "</svg>\n", "SVG is XML")
        xml.etree.ElementTree.fromstring(svg.finish())


LOAD = {"step": "06_sse", "clients": 4, "rate": 1000, "size": 64, "seconds": 2, "due": 20000, "said": 20000,
        "said_late_ms_max": 1, "delay_ms": {"count": 80000, "p50": 1.5, "p99": 3, "max": 4.25}, "all_heard": True, "lost": 0,
        "under_way": 0, "waited_seconds": 10, "worked_seconds": 4, "server_cpu_seconds": 1}


class Loads(unittest.TestCase):
    def test_a_load_is_told_in_all_its_figures(self):
        self.assertEqual(load(LOAD), (
            "06_sse: 4 clients, 1000 messages a second of 64 bytes, for 2 s\n"
            "  heard     80 000, 20 000 a second\n"
            "  lost      0\n"
            "  delay     half within 1.50 ms, 99 % within 3.00 ms, most 4.25 ms\n"
            "  server    25.0 % of a processor, 12.5 ms for 1000 messages heard\n"))

    def test_overload_and_loss_are_told_apart(self):
        text = load({**LOAD, "clients": 1, "said": 7, "said_late_ms_max": 12.34, "lost": 5, "under_way": 12345})
        for words in (" 1 client, ", "said      only 7 of 20 000: ", "late      up to 12.3 ms", "lost      5\n",
                      "not yet   12 345: they still came 10 s after"):
            self.assertIn(words, text)

    def test_a_load_of_which_nothing_is_heard_has_no_delay(self):
        text = load(without({**LOAD, "delay_ms": None, "lost": 9}, "server_cpu_seconds"))
        self.assertIn("  heard     0, 0 a second\n  lost      9\n", text)
        for words in ("delay", "server"):
            self.assertNotIn(words, text)

    def test_idle_clients_are_told_in_all_their_figures(self):
        bench = {"step": "06_sse", "idle_clients": 10000, "few": 10, "joining_seconds": 1.5,
                 "joining_cpu_seconds": 0.5, "request_us_among_few": 20, "request_us": 30, "delay_ms": {"count": 10001, "p50": 1, "p99": 2, "max": 42.42},
                 "server_cpu_seconds": 0.10001, "answer_after_leaving_ms": 7}
        self.assertEqual(idleness(bench), (
            "06_sse: 10 000 idle clients\n"
            "  joined    10 000 in 1.50 s; 50.0 µs of a processor for each\n"
            "  request   20.0 µs of a processor with 10 idle clients, 30.0 µs with 10 000: 1.50 times as much\n"
            "  message   heard by 10 001, the last one after 42.4 ms; 10.0 µs of a processor for each\n"
            "  left      all; the server answers a request 7.00 ms later\n"))
        text = idleness(without(bench, "request_us", "server_cpu_seconds", "joining_cpu_seconds"))
        self.assertNotIn("request   ", text)
        self.assertIn("10 000 in 1.50 s\n", text)
        self.assertIn("the last one after 42.4 ms\n", text)


ROOM = {"transport": "sse", "title": "SSE", "step": "06_sse", "servers": 2, "broker": True,
        "delay_ms": {"count": 80, "p50": 1.25, "p99": 3, "max": 4}, "said_late_ms_max": 1, "servers_cpu_seconds": 0.004,
        "broker_cpu_seconds": 0.001, "broker_bytes_received": 400, "broker_bytes_sent": 480, "deliveries_a_second": 12345.6}


def shared_chat_of(*rows, writers=3):
    return {**chat_of(*rows), "writers": writers}


class Rooms(unittest.TestCase):
    def test_the_cost_of_a_broker_is_told_per_delivery_and_per_message(self):
        alone = {**without(ROOM, "broker_cpu_seconds", "broker_bytes_received", "broker_bytes_sent"), "servers": 1,
                 "broker": False}
        text = rooms(shared_chat_of(alone, ROOM))
        self.assertTrue(text.startswith(
            "One room on several servers: 3 writers say 2 messages of 50 bytes, 10 a second, to 3 readers.\n\n"
            "                      delay, ms ─              CPU, ms per 1000  broker, bytes a message\n"
            "                                   deliveries\n"
            "servers                p50    p99    a second  servers  broker  to it  from it\n"
            "SSE (06): 1 alone     1.25   3.00      12 346     50.0       –      –        –\n"
            "SSE (06): 2, broker   1.25   3.00      12 346     50.0    12.5    200      240\n"), text)
        self.assertNotIn("busy", text)
        self.assertIn("a writer says 2 messages", rooms(shared_chat_of(alone, writers=1)))

    def test_a_busy_machine_and_a_fault_are_told(self):
        fault = {**FAULTY, "servers": 3, "broker": True}
        chat = shared_chat_of({**ROOM, "said_late_ms_max": 12.34}, fault)
        text = rooms(chat)
        self.assertIn("up to 12.3 ms late", text)
        self.assertIn("SSE (06): 3, broker  no figures: see below\n", text)
        self.assertEqual(faults(chat, name_of), "SSE (06): 3, broker: participant 2 heard \"a<b & 'c'\" twice\n")


class Command(unittest.TestCase):
    def report(self, result, *words):
        return subprocess.run([sys.executable, "-B", REPORT / "report.py", *words], input=json.dumps(result), text=True,
                              encoding="utf-8", stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60,
                              env={"LC_ALL": "C"})

    def test_the_status_says_whether_all_is_right(self):
        good = self.report(chat_of(row_of("sse")), "run", "--brief")
        self.assertEqual((good.returncode, good.stderr), (0, ""))
        self.assertIn("bytes per delivery, both ways\n", good.stdout)
        bad = self.report(chat_of(FAULTY), "run")
        self.assertEqual(bad.returncode, 1)
        self.assertIn("\nNo figures where something went wrong:\nSSE (06): participant 2", bad.stdout)
        self.assertEqual(self.report(LOAD, "bench").returncode, 0)
        self.assertEqual(self.report({**LOAD, "all_heard": False}, "bench").returncode, 1)

    def test_a_picture_that_cannot_be_written_is_an_error_in_one_line(self):
        result = self.report(chat_of(row_of("sse")), "run", "--svg", "/nowhere/at all")
        self.assertEqual(result.returncode, 1)
        self.assertEqual(result.stderr, "compare: /nowhere/at all: No such file or directory\n")


if __name__ == "__main__":
    unittest.main()
