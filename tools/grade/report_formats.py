"""What tools for test results read: each function makes one text out of the cleaned records of one program or of a class."""
import csv
import datetime
import io
import json
import re
import xml.etree.ElementTree as ElementTree

from record import FAILED, LEVELS, PASSED, SKIPPED, UNSTABLE, WAITS


def as_json(records):
    """The records as they are; one record alone is no list."""
    values = [record.as_dict() for record in records]
    return json.dumps(values[0] if len(values) == 1 else values, ensure_ascii=False, indent=1) + "\n"


def junit(records):
    """JUnit XML, in the dialect of Jenkins' xunit plugin, which GitLab reads too."""
    root = ElementTree.Element("testsuites")
    for record in records:
        name = record.target if len(records) > 1 else record.step
        group = f"lab.{record.step[:2]}" + ("." + re.sub(r"\W", "_", name) if len(records) > 1 else "")
        if record.fault:
            suite = ElementTree.SubElement(root, "testsuite", name=name, tests="1", failures="0", errors="1")
            case = ElementTree.SubElement(suite, "testcase", name="grading", classname=group + ".grader")
            ElementTree.SubElement(case, "error", type="fault", message="the grader could not grade").text = record.fault
        for level in LEVELS:
            junit_level(root, record, level, name, f"{group}.{level}")
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def junit_level(root, record, level, name, classname):
    cases = [case for case in record.cases if case.level == level]
    if not cases:
        return
    states = [case.state for case in cases]
    suite = ElementTree.SubElement(
        root, "testsuite", name=f"{name} {level}", tests=str(len(cases)), errors="0",
        failures=str(states.count(FAILED) + states.count(UNSTABLE)), skipped=str(states.count(SKIPPED) + states.count(WAITS)),
        time=f"{sum(case.seconds for case in cases):.3f}", timestamp=record.begun.rstrip("Z"))
    for case in cases:
        entry = ElementTree.SubElement(suite, "testcase", name=case.title, classname=classname, time=f"{case.seconds:.3f}")
        if case.state in (FAILED, UNSTABLE):
            ElementTree.SubElement(entry, "failure", type=case.state, message=case.brief).text = case.text
        elif case.state in (SKIPPED, WAITS):
            ElementTree.SubElement(entry, "skipped", message=case.brief).text = case.text


def ctrf(records):
    """Common Test Report Format 1.0.0."""
    words = {PASSED: "passed", FAILED: "failed", UNSTABLE: "failed", SKIPPED: "skipped", WAITS: "pending"}
    tests = []
    for record in records:
        who = [record.target] if len(records) > 1 else []
        if record.fault:
            tests.append({"name": "grading", "status": "other", "duration": 0, "suite": [*who, record.step],
                          "message": record.fault})
        for case in record.cases:
            test = {"name": case.title, "status": words[case.state], "duration": round(1000 * case.seconds),
                    "suite": [*who, record.step, case.level], "tags": [case.role]}
            if case.state != PASSED:
                test["message"], test["trace"] = case.brief, case.text
            if case.state == UNSTABLE:
                test["flaky"] = True
            tests.append(test)
    counts = {state: sum(test["status"] == state for test in tests) for state in ("passed", "failed", "skipped", "pending", "other")}
    begins = [1000 * int(datetime.datetime.fromisoformat(record.begun.replace("Z", "+00:00")).timestamp()) for record in records]
    ends = [begin + round(1000 * record.seconds) for begin, record in zip(begins, records)]
    return json.dumps({"reportFormat": "CTRF", "specVersion": "1.0.0", "results": {
        "tool": {"name": "lab"}, "summary": {"tests": len(tests), **counts, "start": min(begins, default=0), "stop": max(ends, default=0)},
        "tests": tests}}, ensure_ascii=False, indent=1) + "\n"


def tap(records):
    """TAP 14: the cases of all records in one plan."""
    lines = ["TAP version 14"]
    number = 0
    for record in records:
        who = f"{record.target}: " if len(records) > 1 else ""
        if record.fault and len(records) == 1:
            return "\n".join([*lines, "Bail out! " + record.fault]) + "\n"
        if record.fault:
            number += 1
            lines.append(f"not ok {number} - {tap_name(who + 'grading')} # SKIP {record.fault}")
        for case in record.cases:
            number += 1
            word = "not ok" if case.state in (FAILED, UNSTABLE) else "ok"
            skip = f" # SKIP {case.brief}" if case.state in (SKIPPED, WAITS) else ""
            lines.append(f"{word} {number} - {tap_name(who + case.level + ': ' + case.title)}{skip}")
            if word == "not ok":
                # A string of JSON is one of YAML too.
                lines += ["  ---", f"  message: {json.dumps(case.text)}", f"  severity: {case.state}", "  ..."]
    lines.insert(1, f"1..{number}")
    return "\n".join(lines) + "\n"


def tap_name(text):
    return text.replace("\\", "\\\\").replace("#", "\\#")


def table(records):
    """CSV, one row for each program."""
    file = io.StringIO(newline="")
    rows = csv.writer(file)
    rows.writerow(["id", "step", "score", "max", "level", "passed", "cases", "first failing case", "hint", "seconds", "fault"])
    for record in records:
        first = record.first_bad
        rows.writerow([spreadsheet_safe(record.target), record.step, "" if record.score is None else f"{record.score:g}",
                       f"{record.max_score:g}", record.level, len(record.passed), len(record.counted), first.title if first else "",
                       first.hint if first else "", f"{record.seconds:.1f}", record.fault])
    return file.getvalue()


def spreadsheet_safe(text):
    """A name that a spreadsheet does not take for a formula."""
    return "'" + text if text[:1] in ("=", "+", "-", "@", "\t") else text
