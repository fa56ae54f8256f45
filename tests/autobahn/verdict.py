"""Reads the index of an Autobahn report: `verdict.py INDEX CASES`.

Prints a table of how each section went and names every case that went wrong. Fails if there are
any, or if the report has not exactly so many cases. Runs on the suite's own Python.
"""

from __future__ import print_function

import json
import sys

# Of these the suite itself only notes what happens.
NOTED = ("7.1.6", "7.13.1", "7.13.2")


def is_well(case, result):
    verdicts = {result["behavior"], result["behaviorClose"]}
    return verdicts == {"OK"} or (case in NOTED and verdicts <= {"OK", "INFORMATIONAL"})


def by_number(case):
    return [int(part) for part in case.split(".")]


def main(index, expected):
    with open(index) as report:
        ((agent, results),) = json.load(report).items()
    counts = {}
    for case, result in results.items():
        row = counts.setdefault(int(case.split(".")[0]), {})
        row[result["behavior"]] = row.get(result["behavior"], 0) + 1
    verdicts = sorted({verdict for row in counts.values() for verdict in row})
    print("%-24s" % agent, *("%15s" % verdict for verdict in verdicts))
    for section in sorted(counts):
        figures = (counts[section].get(verdict, 0) for verdict in verdicts)
        print("  section %-14d" % section, *("%15d" % figure for figure in figures))
    wrong = [case for case in results if not is_well(case, results[case])]
    for case in sorted(wrong, key=by_number):
        verdicts = (case, results[case]["behavior"], results[case]["behaviorClose"])
        print("  case %s: %s, its closing %s" % verdicts)
    if len(results) != expected:
        print("  %d cases were run; expected %d" % (len(results), expected))
    return bool(wrong) or len(results) != expected


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2])))
