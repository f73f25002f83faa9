"""The tables of `lab compare`, from the JSON that it writes."""
from figures import description, three_figures
from table import table

NONE = "–"
BYTE_KINDS = ("text", "framing", "headers")
BOTH_WAYS = ("bytes_sent", "bytes_received")
#: A message that is said later after its due time than this, in milliseconds, is worth a note.
MAX_LATENESS = 2

NOTE_ON_DELAYS = """
From when a message was due to be said, to when a reader has it whole. p50: half took no longer;
p99: 99 of 100. To join: from connect until the transport says that one is in.
All write: the same while each says one thing in turn; over HTTP it connects first to do so.
"""
NOTE_ON_BYTES = """
All that all clients sent and received while the one wrote, per message that one of them heard.
Headers are those of a bare client: Host, and what is needed. TCP and IP are an estimate: for each
send and recv a segment, 40 bytes, and its acknowledgement, 40; a datagram 28.

"""
NOTE_ON_COSTS = """\
Memory: what 200 idle clients add to the server's, per client. An idle minute is one client's: pings
every 20 s (05) and 15 s (06), an empty answer every 25 s (07) or interval; their bytes were counted
at a shorter period, and multiplied.
"""


def first_cell(row):
    return f"{row['title']} ({row['step'][:2]})"


def is_polling(row):
    return row["transport"].startswith("ajax-")


def is_datagrams(row):
    return row["transport"] == "udp"


def per_delivery(row, count):
    return count / row["delay_ms"]["count"]


def bytes_of(row, kinds=BYTE_KINDS, ways=BOTH_WAYS):
    """The bytes of these kinds in these directions, per delivery."""
    return per_delivery(row, sum(row[way][kind] for way in ways for kind in kinds))


def faults(chat, name=first_cell):
    """A line for each row that has a fault; empty if none has."""
    return "".join(f"{name(row)}: {row['fault']}\n" for row in chat["rows"] if "fault" in row)


def table_of(chat, heading, columns, name=first_cell, before="", after=""):
    """The table of all rows, each with its name, under `heading`, and its figures: see table()."""
    rows = [[name(row), "no figures: see below"] if "fault" in row else
            [name(row), *(cell(row) for _, _, cell in columns)] for row in chat["rows"]]
    return table([(heading, ""), *(column[:2] for column in columns)], rows, before, after)


# --- columns: each is a heading, a group, and its cell in a row -------------------------------------


def number(heading, group, value):
    """A column of numbers; a row without the number has a dash."""
    def cell(row):
        figure = value(row)
        return NONE if figure is None else three_figures(figure)
    return heading, group, cell


def percentiles(group, sample, keys):
    """A column of each of the sample's figures that are called `keys`."""
    return [number(key, group, lambda row, key=key: row[sample] and row[sample][key]) for key in keys]


def cpu(heading, group, key):
    """A column of processor time, in ms for 1000 deliveries."""
    return number(heading, group, lambda row: per_delivery(row, row[key] * 1e6) if key in row else None)


def byte_columns(group, ways):
    return [number(kind, group, lambda row, kind=kind: bytes_of(row, (kind,), ways)) for kind in BYTE_KINDS]


def requests(heading):
    return number(heading, "", lambda row: per_delivery(row, row["requests"]))


def lost(row):
    return f"{row['lost_by_it']} of {row['said_while_one_was_away']}" if "lost_by_it" in row else NONE


def delays():
    return [*percentiles("delay, ms", "delay_ms", ("p50", "p99", "max")),
            *percentiles("all write", "delay_ms_all_write", ("p50", "p99")),
            number("to join,\nms (p50)", "", lambda row: row["join_ms"] and row["join_ms"]["p50"]),
            ("lost by one who\nis away for 1 s", "", lost)]


def weights():
    return [*byte_columns("to the server", BOTH_WAYS[:1]),
            *byte_columns("from the server", BOTH_WAYS[1:]),
            number("sum", "", bytes_of),
            number("TCP and IP,\nestimated", "", lambda row: per_delivery(row, row["tcp_ip_bytes_estimated"]))]


def costs():
    def memory(row):
        return max(0, row["server_kib_a_client"]) if "server_kib_a_client" in row else None

    return [requests("requests\nper\ndelivery"),
            number("connections\nper client", "", lambda row: row["connections"] / row["participants"]),
            cpu("server CPU,\nms per 1000\ndeliveries", "", "server_cpu_seconds"),
            number("memory,\nKiB per\nidle client", "", memory),
            number("messages", "an idle minute", lambda row: row.get("idle_client", {}).get("messages_a_minute")),
            number("bytes", "an idle minute", lambda row: row.get("idle_client", {}).get("bytes_a_minute"))]


def brief():
    """All that the one writer's messages show, on a screen."""
    return [*percentiles("delay, ms", "delay_ms", ("p50", "p99")),
            *byte_columns("bytes per delivery, both ways", BOTH_WAYS),
            requests("requests\nper delivery")]


# --- pages ----------------------------------------------------------------------------------------


def introduction(chat):
    text = f"One chat over each transport: {description(chat)}.\n"
    if delay := chat["delay_ms"]:
        text += f"The path takes {delay} ms each way: {2 * delay} ms there and back.\n"
    return text


def note_on_lateness(chat):
    late = max((row.get("said_late_ms_max", 0) for row in chat["rows"]), default=0)
    if late <= MAX_LATENESS:
        return ""
    return f"This machine was busy: some messages left up to {three_figures(late)} ms late, which is in their delays.\n"


def notes_on_delays(chat):
    rows = chat["rows"]
    text = NOTE_ON_DELAYS
    if any(map(is_polling, rows)):
        text += "AJAX polling was measured at all intervals side by side.\n"
    text += note_on_lateness(chat)
    if chat["delay_ms"]:
        text += "Over HTTP each message is posted when the one before it is confirmed: one per there and back.\n"
    if chat["delay_ms"] and any(map(is_datagrams, rows)):
        text += "The datagrams' delay is made by their server (03), for there and back.\n"
    if any(map(is_datagrams, rows)):
        text += "An echo is no chat: each hears only itself.\n"
    return text + "\n"


def tables(chat, is_brief, colour):
    """Three tables with their notes: the delays, the bytes of a delivery, and the costs; or one short table if
    `is_brief`. Escape sequences around headings only if `colour`."""
    bold, dim, plain = ("\033[1m", "\033[2m", "\033[0m") if colour else ("", "", "")

    def shown(columns):
        return table_of(chat, "transport", columns, before=dim, after=plain)

    text = introduction(chat) + "\n"
    if is_brief:
        return text + shown(brief())
    text += f"{bold}When a message is heard, and what is lost{plain}\n\n" + shown(delays()) + notes_on_delays(chat)
    text += f"{bold}What a delivery weighs, in bytes{plain}\n\n" + shown(weights()) + NOTE_ON_BYTES
    text += f"{bold}What it costs{plain}\n\n" + shown(costs()) + "\n"
    if not any(row.get("connections_made_while_it_wrote") for row in chat["rows"]):
        text += "No connection was made for a message: all are kept.\n"
    return text + NOTE_ON_COSTS
