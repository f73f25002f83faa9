"""Shows what the program `compare` has measured: it reads JSON on standard input, and ends with status 1 if something
went wrong."""
import argparse
import json
import os
import sys

from loads import idleness, load
from plot import plot
from rooms import name_of, rooms
from tables import faults, tables


def show(text, wrong):
    print(text, end="")
    if wrong:
        print("\nNo figures where something went wrong:\n" + wrong, end="")
    return not wrong


def run(chat, options):
    colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    good = show(tables(chat, options.brief, colour), faults(chat))
    if options.svg:
        with open(options.svg, "w", encoding="utf-8") as file:
            file.write(plot(chat))
    return good


def servers(chat, _):
    return show(rooms(chat), faults(chat, name_of))


def bench(result, _):
    print(load(result), end="")
    return result["all_heard"]


def idle(result, _):
    print(idleness(result), end="")
    return True


REPORTS = {"run": run, "servers": servers, "bench": bench, "idle": idle}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=REPORTS)
    parser.add_argument("--brief", action="store_true")
    parser.add_argument("--svg", metavar="FILE")
    options = parser.parse_args()
    sys.stdout.reconfigure(encoding="utf-8")
    try:
        good = REPORTS[options.what](json.load(sys.stdin.buffer), options)
        sys.stdout.flush()
        return 0 if good else 1
    except OSError as error:
        print(f"compare: {error.filename or 'standard output'}: {error.strerror}", file=sys.stderr, flush=True)
        # At its end Python would try once more to print the rest, and complain in many lines.
        os._exit(1)


if __name__ == "__main__":
    sys.exit(main())
