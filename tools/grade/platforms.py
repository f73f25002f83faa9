"""The files that platforms of courses read: each function makes the text of one out of one cleaned record.

Where the grader could not grade, no function says zero points: each says it in the platform's own way.
"""
import json
import os
import re

from record import MAX_TEXT, PASSED, WAITS, clipped


def as_json(value):
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def integers(parts):
    """The numbers, rounded so that the sum of them is right too."""
    rounded, total = [], 0.0
    for part in parts:
        total += part
        rounded.append(round(total) - sum(rounded))
    return rounded


def gradescope(record):
    """results.json of Gradescope. Without a score, it says that the autograder has failed."""
    result = {"execution_time": round(record.seconds, 3), "output": record.summary(), "output_format": "text",
              "test_output_format": "text", "visibility": "visible", "stdout_visibility": "hidden",
              "extra_data": {"step": record.step, "level": record.level}}
    if record.fault:
        return as_json(result)
    result["score"] = record.score
    result["tests"] = [
        {"name": case.title, "number": str(number), "score": round(case.points, 4), "max_score": round(case.max_points, 4),
         "status": "passed" if case.state == PASSED else "failed", "output": case.text,
         "tags": [case.level, case.role], "visibility": "visible"}
        for number, case in enumerate(record.counted, 1)]
    return as_json(result)


def classroom50(record):
    """result.json of Classroom 50, schema classroom50/result/v1. Its integers are hundredths of a point."""
    say = os.environ.get
    commit = say("COMMIT_URL", "")
    found = re.match(r"https://[^/]+/([^/]+)/([^/]+)/", commit)
    most = integers(100 * case.max_points for case in record.counted)
    tests = [{"test-name": case.title, "passed": case.state == PASSED, "score": points if case.state == PASSED else 0,
              "max-score": points, "level": case.level, "output": case.text}
             for case, points in zip(record.counted, most)]
    if record.fault:
        tests = [{"test-name": record.summary(), "passed": False, "score": 0, "max-score": 0}]
    return as_json({
        "schema": "classroom50/result/v1", "classroom": say("CLASSROOM", ""), "assignment": say("ASSIGNMENT", record.step),
        "assignment_type": say("ASSIGNMENT_TYPE", "individual"), "owner": say("OWNER") or say("USERNAME") or (found[2] if found else "unknown"),
        "submission": say("SUBMISSION_TAG", "submit/local"), "commit": commit, "release": say("RELEASE_URL", ""),
        "review": say("REVIEW_URL", ""), "datetime": record.begun, "score": sum(test["score"] for test in tests),
        "max-score": sum(test["max-score"] for test in tests), "tests": tests})


def prairielearn(record):
    """results.json of PrairieLearn, of at most a megabyte. A grader that could not grade leaves it ungraded."""
    if record.fault:
        return as_json({"gradable": False, "format_errors": [record.summary()]})
    for most in (MAX_TEXT, 4000, 500, 0):
        result = as_json({
            "gradable": True, "score": min(1.0, record.score / record.max_score) if record.max_score else 0.0,
            "message": record.summary(),
            "tests": [{"name": case.title, "description": f"{case.level}: {case.checkpoint}",
                       "points": round(case.points, 4), "max_points": round(case.max_points, 4),
                       "output": clipped(case.text, most) if most else ""} for case in record.counted]})
        if len(result.encode()) <= 1_000_000:
            break
    return result


def exercism(record):
    """results.json of exercism, test runner interface 3."""
    ran = [case for case in record.counted if case.state != WAITS]
    if record.fault or not ran:
        return as_json({"version": 3, "status": "error", "message": record.summary(), "tests": []})
    checkpoints = list(dict.fromkeys(case.checkpoint for case in record.cases))
    tests = []
    for case in record.counted:
        test = {"name": case.title, "status": {PASSED: "pass", WAITS: "error"}.get(case.state, "fail"),
                "test_code": f"{case.level}: {case.title}", "task_id": 1 + checkpoints.index(case.checkpoint)}
        if case.state != PASSED:
            test["message"] = case.text
            test["output"] = clipped(case.text, 500)
        tests.append(test)
    return as_json({"version": 3, "status": "pass" if len(record.passed) == len(record.counted) else "fail", "tests": tests})


def vpl(record):
    """What VPL of Moodle reads on stdout. Without a grade, the last one stands."""
    lines = [f"Comment :=>>{record.summary()}"]
    for case in record.counted:
        if case.state != PASSED:
            lines += ["<|--", f"-{case.title}", *(">" + line for line in case.text.splitlines()), "--|>"]
    if not record.fault:
        lines.append(f"Grade :=>>{record.score:g}")
    return "\n".join(lines) + "\n"
