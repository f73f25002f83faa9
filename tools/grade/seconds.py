"""The times that options name, in seconds."""
import argparse

MAX_SECONDS = 86400  # a day


def seconds(text):
    """The number of seconds in `text`, for argparse: more than 0, at most a day."""
    number = float(text)
    if not 0 < number <= MAX_SECONDS:
        raise argparse.ArgumentTypeError(f"{text}: more than 0, and at most {MAX_SECONDS} seconds")
    return number
