#!/usr/bin/env python3
"""packaging/cmake/compile.sh with the real cache, and a compiler that fails itself when it is told to."""
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

SCRIPT = pathlib.Path(__file__).parents[2] / "packaging/cmake/compile.sh"

# Fails as GCC does as long as there is a file "broken" beside it, removing it or not.
COMPILER = """#!/bin/bash
folder=$(dirname "$0")
if [ -e "$folder/broken" ] && [[ " $* " = *" -c "* ]]; then
  [ -e "$folder/always" ] || rm "$folder/broken"
  echo "c++: internal compiler error: Segmentation fault signal terminated program cc1plus" >&2
  exit 1
fi
exec c++ "$@"
"""


class Compile(unittest.TestCase):
    def setUp(self):
        self.scratch = tempfile.TemporaryDirectory()
        self.folder = pathlib.Path(self.scratch.name)
        self.environment = os.environ | {"CCACHE_DIR": str(self.folder / "cache"), "CCACHE_CONFIGPATH": "/dev/null", "LC_ALL": "C.UTF-8"}
        self.environment.pop("CCACHE_DISABLE", None)
        self.compiler = self.folder / "compiler"
        self.compiler.write_text(COMPILER)
        self.compiler.chmod(0o755)
        self.clone("first")

    def tearDown(self):
        self.scratch.cleanup()

    def clone(self, name):
        """A source tree with the script in its place."""
        tree = self.folder / name
        (tree / "packaging/cmake").mkdir(parents=True)
        shutil.copy(SCRIPT, tree / "packaging/cmake")
        (tree / "core").mkdir()
        (tree / "core/a.h").write_text("inline int a() { return 1; }\n")
        (tree / "core/a.cpp").write_text("#include <core/a.h>\nint f() { return a(); }\n")
        (tree / "build").mkdir()

    def compile(self, name):
        tree = self.folder / name
        return subprocess.run([tree / "packaging/cmake/compile.sh", "ccache", self.compiler, f"-I{tree}", "-MD", "-MT", "a.o", "-MF", "a.d",
                               "-o", "a.o", "-c", str(tree / "core/a.cpp")], cwd=tree / "build", env=self.environment, capture_output=True,
                              text=True)

    def hits(self):
        text = subprocess.run(["ccache", "--print-stats"], env=self.environment, capture_output=True, text=True, check=True).stdout
        counters = dict(line.split("\t") for line in text.splitlines() if line)
        return int(counters["direct_cache_hit"]) + int(counters["preprocessed_cache_hit"])

    def test_a_second_clone_finds_what_the_first_compiled(self):
        self.clone("second")
        for name in ("first", "second"):
            done = self.compile(name)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(self.hits(), 1)

    def test_where_the_compiler_itself_fails_it_is_tried_once_more(self):
        (self.folder / "broken").touch()
        done = self.compile("first")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("once more without the cache", done.stderr)
        self.assertTrue((self.folder / "first/build/a.o").exists())

    def test_but_not_for_ever(self):
        (self.folder / "broken").touch()
        (self.folder / "always").touch()
        done = self.compile("first")
        self.assertEqual(done.returncode, 1)
        self.assertIn("internal compiler error", done.stderr)
        self.assertEqual(done.stderr.count("once more"), 1)

    def test_a_mistake_in_the_file_is_told_once(self):
        (self.folder / "first/core/a.cpp").write_text("int f() { return unknown; }\n")
        done = self.compile("first")
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stderr.count("error:"), 1)
        self.assertNotIn("once more", done.stderr)


if __name__ == "__main__":
    unittest.main()
