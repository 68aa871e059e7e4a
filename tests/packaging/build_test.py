#!/usr/bin/env python3
"""What packaging/build.sh says of a build, from lines as ninja writes them."""
import pathlib
import subprocess
import unittest

SCRIPT = pathlib.Path(__file__).parents[2] / "packaging/build.sh"


def said(*lines):
    """Standard error of lathe_progress, which is no terminal here."""
    done = subprocess.run(["bash", "-c", '. "$0"; lathe_progress', SCRIPT], input="".join(line + "\n" for line in lines), capture_output=True,
                          text=True, check=True)
    return done.stderr


class Progress(unittest.TestCase):
    def test_files_and_time_left(self):
        self.assertEqual(said("@100/750/120.5@ Building CXX object a.o"), "100 of 750 files, about 13 minutes left\n")
        self.assertEqual(said("@700/750/600.0@ x"), "700 of 750 files, about a minute left\n")
        self.assertEqual(said("@740/750/600.0@ x"), "740 of 750 files, less than a minute left\n")

    def test_at_most_a_line_each_half_minute(self):
        lines = [f"@{20 + i}/750/{i}.0@ x" for i in range(61)]
        self.assertEqual(said(*lines).count("\n"), 3)

    def test_nothing_is_foretold_from_the_first_files(self):
        self.assertEqual(said("@3/750/1.0@ x"), "")

    def test_what_compilers_print_is_no_progress(self):
        self.assertEqual(said("a.cpp:2: error: @20/750/1@", "FAILED: a.o"), "")

    def test_an_up_to_date_build_says_nothing(self):
        self.assertEqual(said("ninja: no work to do."), "")


if __name__ == "__main__":
    unittest.main()
