"""The table of `lab compare --servers`: one room on several servers, with a broker between."""
from figures import description
from tables import cpu, first_cell, note_on_lateness, number, percentiles, table_of

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
    def bytes_each(key):
        return lambda row: row[key] / chat["messages"] if key in row else None

    columns = [*percentiles("delay, ms", "delay_ms", ("p50", "p99")),
               number("deliveries\na second", "", lambda row: row["deliveries_a_second"]),
               cpu("servers", "CPU, ms per 1000", "servers_cpu_seconds"),
               cpu("broker", "CPU, ms per 1000", "broker_cpu_seconds"),
               number("to it", "broker, bytes a message", bytes_each("broker_bytes_received")),
               number("from it", "broker, bytes a message", bytes_each("broker_bytes_sent"))]
    return (f"One room on several servers: {description(chat)}.\n\n"
            + table_of(chat, "servers", columns, name_of) + NOTES + note_on_lateness(chat))
