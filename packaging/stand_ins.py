#!/usr/bin/env python3
"""Lets Python's torch of the LibTorch wheel start on a machine without the CUDA toolkit.

    stand_ins.py TORCH_LIB SITE_PACKAGES

Its libraries name those of the toolkit (two gigabytes) that the loader wants to see, though nothing of them is called without a GPU. For each one
that is missing an empty library of that name is made, with the names that are asked of it and nothing behind them, and loaded when Python starts.
Does nothing where all are there.
"""
import pathlib
import re
import subprocess
import sys


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def missing_libraries(folder):
    found = set()
    for library in folder.glob("libtorch*.so"):
        found.update(re.findall(r"^\s*(\S+) => not found", run("ldd", library), re.MULTILINE))
    return sorted(found)


def wanted_names(folder, missing):
    """What the libraries ask for: names by the version of a missing library, and those without a version, which any library may have."""
    by_version, others, there = {}, set(), set()
    for library in folder.glob("*.so*"):
        for line in run("readelf", "--wide", "--dyn-syms", library).splitlines():
            fields = line.split()
            if len(fields) < 8 or not fields[0].rstrip(":").isdigit():
                continue
            name, _, version = fields[7].replace("@@", "@").partition("@")
            if fields[6] != "UND":
                there.add(name)
            elif version in missing:
                by_version.setdefault(version, set()).add(name)
            elif not version and re.fullmatch(r"[A-Za-z_]\w*", name):
                others.add(name)
    return by_version, {name for name in others - there if re.match(r"(cu|nccl|nv)", name)}


def make(library, names, version, folder):
    source, versions = folder / "stand_in.c", folder / "stand_in.map"
    source.write_text("void abort(void);\n" + "".join(f"void {name}(void) {{ abort(); }}\n" for name in sorted(names)))
    versions.write_text(f"{version} {{ global: *; }};\n" if version else "{ global: *; };\n")
    run("gcc", "-shared", "-fPIC", "-w", "-fno-builtin", f"-Wl,-soname,{library}", f"-Wl,--version-script,{versions}", "-o", str(folder / library), str(source))
    source.unlink()
    versions.unlink()


def main():
    libraries, site = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    missing = missing_libraries(libraries)
    if not missing:
        return
    print(f"stand_ins: {', '.join(missing)} are not on this machine: empty ones take their place", file=sys.stderr)
    folder = site / "lathe_stand_ins"
    folder.mkdir()
    by_version, others = wanted_names(libraries, missing)
    unversioned = [library for library in missing if library not in by_version]
    for library in missing:
        if library in by_version:
            make(library, by_version[library], library, folder)
        else:
            make(library, others if library == unversioned[0] else set(), "", folder)
    (folder / "__init__.py").write_text(
        "import ctypes\nimport pathlib\n\n"
        "for library in sorted(pathlib.Path(__file__).parent.glob('*.so*')):\n"
        "    ctypes.CDLL(str(library), ctypes.RTLD_GLOBAL)\n")
    (site / "lathe_stand_ins.pth").write_text("import lathe_stand_ins\n")


if __name__ == "__main__":
    main()
