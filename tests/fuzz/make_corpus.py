#!/usr/bin/env python3
"""Writes the first files of each corpus: small and right, so that a fuzzer knows what it may change. What fuzzing found is added by hand.

    python3 tests/fuzz/make_corpus.py
"""
import gzip
import io
import json
import pathlib
import pickle
import zipfile

import numpy

FOLDER = pathlib.Path(__file__).parent / "corpus"
DATA = pathlib.Path(__file__).parent.parent / "data"


def write(corpus, name, content):
    (FOLDER / corpus).mkdir(parents=True, exist_ok=True)
    (FOLDER / corpus / name).write_bytes(content)


def archive(entries, compression=zipfile.ZIP_STORED):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as zipped:
        for name, content in entries.items():
            zipped.writestr(zipfile.ZipInfo(name), content, compress_type=compression)
    return stream.getvalue()


def npy(array):
    stream = io.BytesIO()
    numpy.save(stream, array)
    return stream.getvalue()


def message(content):
    text = json.dumps(content).encode()
    return b"Content-Length: %d\r\n\r\n%s" % (len(text), text)


def main():
    plain = pickle.dumps({"a": [1, -2, 300, 2.5, None, True], "b": ("text", 1 << 40)}, 2)
    write("zip", "stored.zip", archive({"m/data.pkl": plain, "m/data/0": b"weights", "m/version": b"3\n"}))
    write("zip", "deflated.zip", archive({"m/constants.pkl": b"\x80\x02).", "m/code/a.py": b"code " * 20}, zipfile.ZIP_DEFLATED))
    write("zip", "no_entries.zip", archive({}))
    write("pickle", "plain.pkl", plain)
    with zipfile.ZipFile(DATA / "torchscript/tied.pt") as model:
        write("pickle", "torchscript.pkl", model.read("tied/data.pkl"))
    with zipfile.ZipFile(DATA / "weights/state_dict.pt") as weights:
        write("pickle", "state_dict.pkl", weights.read("state_dict/data.pkl"))
    for name in ("small.safetensors", "state_dict.pt", "checkpoint.pt"):
        write("weights", name, (DATA / "weights" / name).read_bytes())
    write("npy", "float32.npy", npy(numpy.arange(6, dtype=numpy.float32).reshape(2, 3)))
    write("npy", "fortran.npy", npy(numpy.asfortranarray(numpy.arange(6, dtype=numpy.int64).reshape(2, 3))))
    write("npy", "big_endian.npy", npy(numpy.arange(3, dtype=">i4")))
    write("npy", "bool.npy", npy(numpy.array([True, False])))
    write("npz", "two.npz", archive({"a.npy": npy(numpy.arange(3, dtype=numpy.uint8)), "b.npy": npy(numpy.zeros((2, 2)))}))
    write("npz", "deflated.npz", archive({"a.npy": npy(numpy.zeros(100, dtype=numpy.float32))}, zipfile.ZIP_DEFLATED))
    idx = b"\0\0\x08\2" + (2).to_bytes(4, "big") + (3).to_bytes(4, "big") + bytes(range(6))
    write("idx", "plain.idx", idx)
    write("idx", "float32.idx", b"\0\0\x0d\1" + (1).to_bytes(4, "big") + b"\x3f\x80\0\0")
    write("idx", "packed.idx.gz", gzip.compress(idx, mtime=0))
    opening = {"jsonrpc": "2.0", "id": 1, "method": "open", "params": {"file": "lenet5.pt", "data": "fashion-mnist-small"}}
    cancelling = {"jsonrpc": "2.0", "method": "$/cancelRequest", "params": {"id": 1}}
    failing = {"jsonrpc": "2.0", "id": 1, "error": {"code": -32000, "message": "No.", "data": {"code": "rejected", "context": ["a"]}}}
    write("rpc", "requests", message(opening) + message(cancelling))
    write("rpc", "error", message(failing) + b"Content-Type: x\r\ncontent-length: 2\r\n\r\n{}")


if __name__ == "__main__":
    main()
