#!/usr/bin/env python3
"""Models that keep state from call to call, exported by Lathe and streamed by PyTorch and ONNX Runtime.

    packaging/judges.sh tests/judges/state_test.py build/release/bin/lathe-cli

A small recurrent model as TorchScript (it assigns its attribute) and .pt2 (it writes its buffer) is exported into each format, as it is and quantized;
eight calls of the export, one after the other, have to give what eight calls of the model give. Ends with 1 when one does not.
"""
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy
import onnxruntime
import torch
import torch.ao.quantization.fx._decomposed  # noqa: F401, registers the operators of quantized programs
from torch import nn

CALLS = 8
# Of the largest output. Ranges are calibrated with calls that begin anew, so that a state that grows is clipped: far from the model, but the same in
# each format.
EXACT, QUANTIZED, ALIKE = 1e-5, 0.3, 0.02


class Smoothed(nn.Module):
    """Features that are smoothed over the calls."""

    def __init__(self):
        super().__init__()
        self.features = nn.Linear(6, 16)
        self.scores = nn.Linear(16, 4)
        self.register_buffer("hidden", torch.zeros(1, 16))

    def forward(self, x):
        hidden = torch.tanh(self.features(x)) * 0.5 + self.hidden * 0.5
        self.hidden = hidden
        return self.scores(hidden)


class Written(Smoothed):
    def forward(self, x):
        hidden = torch.tanh(self.features(x)) * 0.5 + self.hidden * 0.5
        self.hidden.copy_(hidden)
        return self.scores(hidden)


def calls_of(step, samples):
    with torch.no_grad():
        return numpy.stack([step(sample) for sample in samples])


def streamed(file, samples):
    if file.suffix == ".onnx":
        session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
        states = {name.removeprefix("lathe.state."): output for name, output in session.get_modelmeta().custom_metadata_map.items()}
        if list(states) != ["hidden"]:
            raise RuntimeError(f"the states are {states}")
        name, feeds = session.get_inputs()[0].name, {}

        def step(sample):
            output, feeds["hidden"] = session.run([session.get_outputs()[0].name, states["hidden"]], {name: sample, **feeds})
            return output

        return calls_of(step, samples)
    if file.suffix == ".pt2":
        module = torch.export.load(file).module()
    else:
        module = torch.jit.load(file).eval()
    return calls_of(lambda sample: module(torch.from_numpy(sample)).numpy(), samples)


def main(cli):
    torch.manual_seed(2)
    samples = numpy.random.default_rng(3).standard_normal((CALLS, 1, 6)).astype(numpy.float32)
    is_good = True
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        numpy.savez(folder / "data.npz", x=samples[:, 0])
        example = torch.from_numpy(samples[0])
        torch.jit.script(Smoothed().eval()).save(folder / "model.pt")
        torch.export.save(torch.export.export(Written().eval(), (example,)), folder / "model.pt2")
        recipes = {"plain": [], "quantized": [{"op": "quantize.static"}]}
        for name, steps in recipes.items():
            (folder / f"{name}.json").write_text(json.dumps({"lathe": 1, "name": name, "steps": steps}))
        for model in ("model.pt", "model.pt2"):
            expected = streamed(folder / model, samples)
            again = streamed(folder / model, samples[:1])
            if numpy.allclose(expected[1], again[0]):
                raise RuntimeError("the model keeps nothing")
            for name, limit in (("plain", EXACT), ("quantized", QUANTIZED)):
                first = None
                for to, ending in (("torchscript", ".pt"), ("pt2", ".pt2"), ("onnx", ".onnx")):
                    what = f"{model}, {name}, as {to}"
                    file = folder / f"export{ending}"
                    command = [cli, "export", folder / model, "--to", to, "-o", file, "--data", folder / "data.npz", "--recipe",
                               folder / f"{name}.json", "--no-history", "--python", sys.executable, "--json"]
                    run = subprocess.run(command, capture_output=True, text=True)
                    if run.returncode:
                        print(f"{what}: {run.stderr.strip()[:300]}")
                        is_good = False
                        continue
                    wrong = [check for check in json.loads(run.stdout).get("checks", []) if check.get("verdict") not in ("same", None)]
                    actual, largest = streamed(file, samples), numpy.abs(expected).max()
                    first = actual if first is None else first
                    difference, apart = (numpy.abs(actual - other).max() / largest for other in (expected, first))
                    good = difference <= limit and apart <= ALIKE and not wrong
                    print(f"{what}: differs by {difference:.1e}, {apart:.1e} from the first{'' if good else ' WRONG ' + str(wrong)}")
                    is_good = is_good and good
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
