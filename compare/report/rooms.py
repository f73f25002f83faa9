"""The table of `lab compare --servers`: one room on several servers, with a broker between."""
from figures import three_figures
from table import table
from tables import first_cell, MAX_LATENESS, number, per_delivery, percentile, rows_of

NOTES = """
Delay: from when a message was due to be said, to when a reader has it whole. Deliveries a second:
while the writers say as much as is heard; this program, the servers and the broker share the
machine. CPU: processor time while messages came at their rate. Broker: by its own count, without
TCP and IP.
"""


def name_of(row):
    servers = f"{row['servers']}, broker" if row["broker"] else "1 alone"
    return f"{first_cell(row)}: {servers}"


def rooms(chat):
    """The table, with its notes."""
    def cpu(key):
        return lambda row: per_delivery(row, row[key] * 1e6) if key in row else None

    def bytes_each(key):
        return lambda row: row[key] / chat["messages"] if key in row else None

    columns = [percentile("p50", "delay, ms", "delay_ms", "p50"),
               percentile("p99", "delay, ms", "delay_ms", "p99"),
               number("deliveries\na second", "", lambda row: row["deliveries_a_second"]),
               number("servers", "CPU, ms per 1000", cpu("servers_cpu_seconds")),
               number("broker", "CPU, ms per 1000", cpu("broker_cpu_seconds")),
               number("to it", "broker, bytes a message", bytes_each("broker_bytes_received")),
               number("from it", "broker, bytes a message", bytes_each("broker_bytes_sent"))]
    writers = "a writer says" if chat["writers"] == 1 else f"{chat['writers']} writers say"
    text = (f"One room on several servers: {writers} {chat['messages']} messages of {chat['size']} bytes, "
            f"{chat['rate']:g} a second, to {chat['clients']} readers.\n\n")
    text += table([("servers", ""), *(column[:2] for column in columns)], rows_of(chat, columns, name_of)) + NOTES
    late = max((row.get("said_late_ms_max", 0) for row in chat["rows"]), default=0)
    if late > MAX_LATENESS:
        text += f"This machine was busy: some messages left up to {three_figures(late)} ms late, which is in their delays.\n"
    return text
