#!/usr/bin/env python3
"""Writes the corpus, or checks that what is there is what would be written.

    generate.py            write every file of the corpus beside this folder
    generate.py --check    write nothing; exit 1 and name each file that differs, is missing or is not ours

Standard library only; the same octets on every machine and in every run.
"""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True
sys.setrecursionlimit(3000)

from chains import all_chains          # noqa: E402  (after the path is set)
import populations                     # noqa: E402
import proofs                          # noqa: E402
from public import all_public          # noqa: E402

CORPUS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
FOLDERS = ("chains", "populations", "proofs", "public")


def wanted():
    for folder, files in (("chains", all_chains()), ("public", all_public())):
        for name, lines in files:
            yield os.path.join(folder, name), "".join(lines)
    yield os.path.join("populations", "populations.json"), populations.document()
    yield os.path.join("proofs", "proofs.json"), proofs.document()


def present():
    for folder in FOLDERS:
        path = os.path.join(CORPUS, folder)
        for name in sorted(os.listdir(path)) if os.path.isdir(path) else ():
            yield os.path.join(folder, name)


def differences(files):
    for name, text in files.items():
        path = os.path.join(CORPUS, name)
        if not os.path.exists(path):
            yield f"missing: {name}"
        else:
            with open(path, encoding="ascii", newline="") as handle:
                if handle.read() != text:
                    yield f"differs: {name}"
    yield from (f"not generated: {name}" for name in present() if name not in files)


def main() -> int:
    files = dict(wanted())
    if "--check" in sys.argv[1:]:
        found = list(differences(files))
        print("\n".join(found) if found else f"{len(files)} files are as generated")
        return 1 if found else 0
    for name, text in files.items():
        path = os.path.join(CORPUS, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="ascii", newline="") as handle:
            handle.write(text)
        print(f"{len(text):9} octets, {text.count(chr(10)):4} lines  {name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
