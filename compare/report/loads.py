"""What `lab bench` says, from the JSON that it measures."""
from figures import three_figures, whole_number
from tables import MAX_LATENESS


def load(bench):
    """The load that a server was given, and what became of it."""
    clients, delay = bench["clients"], bench["delay_ms"]
    heard = delay["count"] if delay else 0
    text = (f"{bench['step']}: {clients} client{'' if clients == 1 else 's'}, {three_figures(bench['rate'])} messages a "
            f"second of {bench['size']} bytes, for {bench['seconds']} s\n")
    if bench["said"] < bench["due"]:
        text += (f"  said      only {whole_number(bench['said'])} of {whole_number(bench['due'])}: "
                 "this program was too slow for more\n")
    if bench["said_late_ms_max"] > MAX_LATENESS:
        text += (f"  late      up to {three_figures(bench['said_late_ms_max'])} ms when they were said: "
                 "this program was late, not the server;\n            the delays hold it\n")
    text += f"  heard     {whole_number(heard)}, {three_figures(heard / bench['worked_seconds'])} a second\n"
    text += f"  lost      {whole_number(bench['lost'])}\n"
    if bench["under_way"]:
        text += (f"  not yet   {whole_number(bench['under_way'])}: they still came {bench['waited_seconds']} s "
                 "after the last was said\n")
    if delay:
        text += (f"  delay     half within {three_figures(delay['p50'])} ms, 99 % within {three_figures(delay['p99'])} ms, "
                 f"most {three_figures(delay['max'])} ms\n")
    if "server_cpu_seconds" in bench:
        cpu = bench["server_cpu_seconds"]
        text += (f"  server    {three_figures(100 * cpu / bench['worked_seconds'])} % of a processor, "
                 f"{three_figures(1e6 * cpu / max(1, heard))} ms for 1000 messages heard\n")
    return text


def each(cpu_seconds, count):
    return f"{three_figures(cpu_seconds * 1e6 / count)} µs of a processor for each"


def idleness(bench):
    """The cost of idle clients: a request among few and among many, a message to all of them, and their end."""
    count, delay = whole_number(bench["idle_clients"]), bench["delay_ms"]
    text = f"{bench['step']}: {count} idle clients\n"
    text += f"  joined    {count} in {three_figures(bench['joining_seconds'])} s"
    if "joining_cpu_seconds" in bench:
        text += f"; {each(bench['joining_cpu_seconds'], bench['idle_clients'])}"
    if "request_us" in bench:
        few, many = bench["request_us_among_few"], bench["request_us"]
        text += (f"\n  request   {three_figures(few)} µs of a processor with {bench['few']} idle clients, "
                 f"{three_figures(many)} µs with {count}: {three_figures(many / few)} times as much")
    text += (f"\n  message   heard by {whole_number(delay['count'])}, "
             f"the last one after {three_figures(delay['max'])} ms")
    if "server_cpu_seconds" in bench:
        text += f"; {each(bench['server_cpu_seconds'], delay['count'])}"
    return text + ("\n  left      all; the server answers a request "
                   f"{three_figures(bench['answer_after_leaving_ms'])} ms later\n")
