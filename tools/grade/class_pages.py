"""The pages of `./lab class --html`: one for the class, one for each student. They need no script and no network."""
import html
import os

import record as records

STYLE = """<style>
:root { color-scheme: light dark }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse; width: 100% } th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid #8886 }
td.number { text-align: right; font-variant-numeric: tabular-nums }
pre { white-space: pre-wrap; overflow-wrap: anywhere; padding: .6rem; background: #8882; border-radius: .3rem }
.passed { color: light-dark(#166534, #86efac) } .failed, .unstable { color: light-dark(#b91c1c, #fca5a5) }
.skipped, .waits { color: light-dark(#57534e, #a8a29e) }
td:not(:last-child) { white-space: nowrap }
</style>"""
WORDS = {records.PASSED: "passed", records.FAILED: "failed", records.UNSTABLE: "fails sometimes", records.SKIPPED: "could not be run",
         records.WAITS: "not run yet"}


def page(title, body):
    return (f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<meta name="viewport" content="width=device-width">\n'
            f"<title>{title}</title>\n{STYLE}\n</head>\n<body>\n<h1>{title}</h1>\n{body}\n</body>\n</html>\n")


def text(value):
    return html.escape(str(value))


def file_name(number):
    """The page of a student: a number, since a name can hold anything."""
    return f"student-{number:03}.html"


def score(record):
    return "no mark" if record.fault else f"{record.score:g} of {record.max_score:g}"


def class_page(found):
    rows = []
    for number, record in enumerate(found, 1):
        first = record.fault or record.trouble or (record.first_bad.title if record.first_bad else "")
        rows.append(f'<tr><td><a href="{file_name(number)}">{text(record.target)}</a></td><td class="number">{text(score(record))}</td>'
                    f"<td>{text(record.level or '–')}</td><td>{record.checkpoints}</td><td>{len(record.passed)} of {len(record.counted)}</td><td>{text(first)}</td></tr>")
    body = ("<table>\n<thead><tr><th>Student<th>Score<th>Level<th>Checkpoints<th>Cases<th>First cause</tr></thead>\n<tbody>\n" + "\n".join(rows) +
            "\n</tbody>\n</table>")
    return page(f"{text(found[0].step) if found else 'Class'}: the class", body)


def student_page(record):
    parts = [f"<p>{text(record.step)}, {text(record.begun)}: {text(score(record))}. {text(record.summary())}</p>"]
    for level in records.LEVELS:
        cases = [case for case in record.cases if case.level == level]
        if cases:
            parts.append(f"<h2>{level}</h2>\n" + "\n".join(map(case_part, cases)))
    return page(text(record.target), "\n".join(parts))


def case_part(case):
    head = f'<span class="{case.state}">{WORDS[case.state]}</span>: {text(case.title)}'
    if case.state == records.PASSED:
        return f"<p>{head}</p>"
    shown = f"<pre>{text(case.text)}</pre>" if case.text else "<p>The transcript of this case is not shown.</p>"
    is_open = " open" if case.state in (records.FAILED, records.UNSTABLE) else ""
    return f"<details{is_open}><summary>{head}</summary>\n{shown}\n</details>"


def write(folder, found):
    """Writes all pages into the folder, which is made."""
    os.makedirs(folder, exist_ok=True)
    found = [records.cleaned(record) for record in found]
    pages = {"index.html": class_page(found), **{file_name(number): student_page(record) for number, record in enumerate(found, 1)}}
    for name, content in pages.items():
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write(content)
