"""The process that holds the JVM: one JSON request a line in, one JSON answer a line out.

Started by ``storage.verapdf`` with the class path as arguments; ends when its input ends.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

# One file takes tenths of a second: a compiler that optimises for hours, and collectors that use
# many threads, cost more than they save.
JVM_OPTIONS = (
    "-Xmx1g",
    "-Djava.awt.headless=true",
    "-XX:TieredStopAtLevel=1",
    "-XX:+UseSerialGC",
)


def main() -> None:
    """Answer requests until standard input ends."""
    # Whatever Java prints must not get between the answers.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    validator = _Validator(sys.argv[1:])
    for line in sys.stdin:
        request = json.loads(line)
        answers.write(json.dumps(validator.answer(request["path"], request["flavour"])) + "\n")
        answers.flush()


class _Validator:
    def __init__(self, class_path: list[str]) -> None:
        import jpype

        jpype.startJVM(*JVM_OPTIONS, classpath=class_path)
        jpype.JClass("java.util.logging.LogManager").getLogManager().reset()
        jpype.JClass("org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider").initialise()
        self._file = jpype.JClass("java.io.File")
        self._flavour = jpype.JClass("org.verapdf.pdfa.flavours.PDFAFlavour")
        self._foundry = jpype.JClass("org.verapdf.pdfa.Foundries").defaultInstance()
        self._java_error = jpype.JException

    def answer(self, path: str, flavour: str) -> dict[str, Any]:
        if not path:
            return {"compliant": False, "failed": [], "error": ""}
        try:
            return self._validated(path, flavour)
        except self._java_error as error:
            return {"compliant": False, "failed": [], "error": str(error)}

    def _validated(self, path: str, flavour: str) -> dict[str, Any]:
        wanted = self._flavour.fromString(flavour)
        parser = self._foundry.createParser(self._file(path), wanted)
        try:
            result = self._foundry.createValidator(wanted, False).validate(parser)
            rules = {
                f"{a.getRuleId().getClause()}-{a.getRuleId().getTestNumber()}"
                for a in result.getTestAssertions()
                if str(a.getStatus()).lower() == "failed"
            }
            return {"compliant": bool(result.isCompliant()), "failed": sorted(rules), "error": ""}
        finally:
            parser.close()


if __name__ == "__main__":
    main()
