"""Right programs in other styles lose no mark: the solutions, with other spaces, orders, line ends and
framings that the standards allow as well."""

import pathlib
import sys
import tempfile
import unittest

if sys.version_info < (3, 11):
    sys.exit("SKIPPED: Python 3.11 is missing")  # for tomllib

import contract
import programs

# Of each step's solution in Python what is written otherwise, and how.
STYLES = {
    "04_handshake": {
        # RFC 9110, section 5: names of fields in any case and order, spaces around their values.
        "Upgrade: websocket\\r\\nConnection: Upgrade\\r\\n": "connection:keep-alive, upgrade  \\r\\nUPGRADE:   WebSocket\\r\\n",
    },
    "06_sse": {
        # WHATWG, HTML, 9.2.6: the space after a colon may be left out, and lines may end with CRLF.
        'f"id: {number}"': 'f"id:{number}"',
        'f"data: {line}"': 'f"data:{line}"',
        'fields.append(f"event: {kind}")': 'fields.insert(0, f"event:{kind}")',
        '"\\n".join(fields': '"\\r\\n".join(fields',
        # RFC 9112, section 7.1: a body in chunks; section 6.3: one that ends with its connection.
        'self.send_header("Connection", "close")  # the end': 'self.send_header("Transfer-Encoding", "chunked")  # the end',
        "self.wfile.write(event)": 'self.wfile.write(b"%x\\r\\n%s\\r\\n" % (len(event), event))',
        'self.wfile.write(b"retry: 2000\\n\\n")': 'self.wfile.write(b"e\\r\\nretry:3000\\r\\n\\r\\n\\r\\n")',
        'self.send_header("Content-Length", str(len(body)))':
            'self.send_header(*(("Connection", "close") if status == 202 else ("Content-Length", str(len(body)))))',
    },
    "07_longpoll": {
        # RFC 8259: white space between the tokens, keys in any order, others beside them.
        "json.dumps(value)": 'json.dumps({"time": [1.5e3, None, {"a": "]"}], **value}, indent=4, sort_keys=True)',
        'EPOCH = os.urandom(8).hex()': 'EPOCH = "run no. 7 & more " + os.urandom(8).hex()',
    },
}


class Styles(unittest.TestCase):
    def test_other_styles_lose_no_mark(self):
        for step, edits in STYLES.items():
            code = programs.Exercise(step).render("python")
            for old, new in edits.items():
                self.assertIn(old, code)
                code = code.replace(old, new)
            with self.subTest(step=step), tempfile.TemporaryDirectory() as folder:
                program = pathlib.Path(folder, step)
                program.write_text(code, "utf-8")
                program.chmod(0o755)
                cases = contract.basic_cases(step)
                for title, (passed, said) in contract.grade(cases, folder).items():
                    if passed is False:  # a busy machine is no failure: once more, alone
                        passed, said = contract.run_case(cases[title], title, folder)
                    self.assertIsNot(passed, False, f"{title}\n{said}")


if __name__ == "__main__":
    unittest.main()
