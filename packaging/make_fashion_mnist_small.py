#!/usr/bin/env python3
"""Makes resources/samples/fashion-mnist-small from Debian's package dataset-fashion-mnist: the first images of each class, in their order, as gzip IDX files.
The same input gives the same bytes."""
import argparse
import collections
import gzip
import pathlib
import struct

SOURCE = pathlib.Path("/usr/share/datasets/fashion-mnist")
TARGET = pathlib.Path(__file__).resolve().parent.parent / "resources/samples/fashion-mnist-small"
PER_CLASS = {"train": 300, "t10k": 100}


def read_images_and_labels(split):
    images = gzip.open(SOURCE / f"{split}-images-idx3-ubyte.gz").read()
    labels = gzip.open(SOURCE / f"{split}-labels-idx1-ubyte.gz").read()
    _, count, height, width = struct.unpack(">4I", images[:16])
    size = height * width
    return [images[16 + i * size : 16 + (i + 1) * size] for i in range(count)], labels[8:], height, width


def write(path, content):
    # Neither name nor time in the gzip header, so that the bytes depend on the content alone.
    with open(path, "wb") as file, gzip.GzipFile(filename="", mode="wb", compresslevel=9, fileobj=file, mtime=0) as packed:
        packed.write(content)


def main():
    argparse.ArgumentParser(description=__doc__).parse_args()
    TARGET.mkdir(parents=True, exist_ok=True)
    for split, per_class in PER_CLASS.items():
        images, labels, height, width = read_images_and_labels(split)
        taken = collections.Counter()
        chosen = []
        for position, label in enumerate(labels):
            if taken[label] < per_class:
                taken[label] += 1
                chosen.append(position)
        write(TARGET / f"{split}-images-idx3-ubyte.gz",
              struct.pack(">4I", 0x803, len(chosen), height, width) + b"".join(images[i] for i in chosen))
        write(TARGET / f"{split}-labels-idx1-ubyte.gz", struct.pack(">2I", 0x801, len(chosen)) + bytes(labels[i] for i in chosen))


if __name__ == "__main__":
    main()
