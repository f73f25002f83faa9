"""Variants of a step, one for each student: tools/variants.toml has the values, and a hash of the student's ID chooses.

    values = variant.of("04_handshake", "alice")     # [] where the step has no variants
"""
import dataclasses
import hashlib
import os
import tomllib
import uuid

FILE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "variants.toml")


@dataclasses.dataclass
class Value:
    """One value that a student has."""

    variable: str  # of the environment, from which the cases take it
    value: str
    usual: str  # what everybody else has
    says: str  # a sentence for the student


def table():
    """{step: what differs in it}, as the file has it."""
    with open(FILE, "rb") as file:
        return tomllib.load(file)


def steps():
    """The steps that have variants."""
    return sorted(table())


def of(step, name):
    """The values of the student with this ID. Case and white space around it do not count."""
    found = []
    for entry in table().get(step, []):
        digest = hashlib.sha256(f"{entry['variable']} {name.strip().casefold()}".encode("utf-8", "surrogateescape")).digest()
        if entry["values"] == "guid":
            value = str(uuid.UUID(bytes=digest[:16], version=4)).upper()
        else:
            value = str(entry["values"][int.from_bytes(digest[:8], "big") % len(entry["values"])])
        found.append(Value(entry["variable"], value, entry["usual"], entry["says"].format(value=value)))
    return found


def checked(step, name):
    """of(), for a word of the command line. Raises ValueError where the step has no variants, or the ID is empty."""
    if not name.strip():
        raise ValueError("--variant: name a student")
    if step not in table():
        raise ValueError(f"{step} has no variants; there are variants of {', '.join(steps())}")
    return of(step, name)
