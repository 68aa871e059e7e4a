#!/usr/bin/env python3
"""Opens many known models in each format and compares what Lathe computes with PyTorch.

    python3 tests/bench/conformance.py build/release/bin/bench_run_model [--formats pt,pt2,onnx] [--fast] [--only NAME …]

Models are all classification builders of torchvision and, when it is installed, those of timm_models.txt (two or three of each family of
timm), with random weights (batch norm with random statistics) on two small images. For each model and format it prints whether the file opens, runs, and gives the same numbers
(relative 1e-3 of the largest output), then totals. --fast takes one small model of each family. Ends with 1 when anything is not the same.
"""
import argparse
import pathlib
import subprocess
import sys
import tempfile
import warnings

import numpy
import torch
import torchvision

warnings.filterwarnings("ignore")

FAST = ["alexnet", "densenet121", "efficientnet_b0", "googlenet", "inception_v3", "maxvit_t", "mnasnet0_5", "mobilenet_v2",
        "mobilenet_v3_small", "regnet_x_400mf", "resnet18", "shufflenet_v2_x0_5", "squeezenet1_1", "swin_t", "vgg11_bn", "vit_b_32"]
TIMM_FILE = pathlib.Path(__file__).with_name("timm_models.txt")
TIMM_FAST = ["test_resnet", "test_convnext", "test_vit4", "ghostnet_050", "levit_128s"]
FIXED_SIZES = {"inception_v3": 299, "maxvit_t": 224, "vit_h_14": 224}
RELATIVE = 1e-3


def builders(is_fast):
    names = torchvision.models.list_models(module=torchvision.models)
    for name in names:
        if not is_fast or name in FAST:
            yield name, lambda name=name: torchvision.models.get_model(name, weights=None)
    try:
        import timm
    except ImportError:
        return
    for name in TIMM_FAST if is_fast else TIMM_FILE.read_text().split():
        yield "timm/" + name, lambda name=name: timm.create_model(name, pretrained=False)


def images_for(name, model):
    size = FIXED_SIZES.get(name, 224 if "vit" in name else 96)
    if name.startswith("timm/"):
        size = model.default_cfg.get("input_size", (3, 224, 224))[-1]
    return torch.randn(2, 3, size, size)


def randomize(model):
    """Else the statistics of batch norm are 0 and 1, and an exchange of them would not be seen."""
    for module in model.modules():
        if isinstance(module, torch.nn.modules.batchnorm._BatchNorm) and module.running_mean is not None:
            module.running_mean.uniform_(-0.1, 0.1)
            module.running_var.uniform_(0.8, 1.2)
    return model.eval()


def write(model, image, form, file):
    if form == "pt":
        torch.jit.trace(model, image, check_trace=False).save(str(file))
    elif form == "pt2":
        torch.export.save(torch.export.export(model, (image,)), file)
    elif form == "pt2d":
        torch.export.save(torch.export.export(model, (image,)).run_decompositions(), file)
    else:
        torch.onnx.export(model, (image,), str(file), dynamo=True, external_data=False, verbose=False)


def check(program, model, image, form, folder):
    """(opens, runs, same, words)"""
    file, inputs, outputs = (folder / name for name in (f"model.{form.removesuffix('d')}", "in.npz", "out.npz"))
    try:
        write(model, image, form, file)
    except Exception as error:  # PyTorch's exporter, not ours
        return None, None, None, f"cannot be exported: {type(error).__name__}"
    with torch.no_grad():
        expected = model(image.clone())
    expected = (expected if isinstance(expected, torch.Tensor) else expected[0]).numpy()
    numpy.savez(inputs, input0=image.numpy())
    try:
        run = subprocess.run([program, file, inputs, outputs], capture_output=True, text=True, timeout=600)
    except subprocess.TimeoutExpired:
        return True, False, False, "not done after ten minutes"
    finally:
        file.unlink()
    if run.returncode != 0:
        reason = (run.stderr.strip().splitlines() or [f"ended with {run.returncode}"])[0]
        return run.returncode != 2, False, False, reason[:300]
    actual = numpy.load(outputs)["output0"]
    if actual.shape != expected.shape:
        return True, True, False, f"shape {actual.shape} instead of {expected.shape}"
    error = float(numpy.abs(actual - expected).max() / max(float(numpy.abs(expected).max()), 1e-12))
    return True, True, error <= RELATIVE, f"{error:.1e}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program", help="bench_run_model of the build")
    parser.add_argument("--formats", default="pt2", help="pt, pt2, pt2d (decomposed), onnx; joined by commas")
    parser.add_argument("--fast", action="store_true")
    parser.add_argument("--only", nargs="*", help="names of models")
    options = parser.parse_args()
    totals = {form: [0, 0, 0, 0] for form in options.formats.split(",")}
    print(f"{'model':34} {'format':6} opens runs same")
    with tempfile.TemporaryDirectory() as name:
        for model_name, build in builders(options.fast):
            if options.only and model_name not in options.only:
                continue
            torch.manual_seed(0)
            try:
                model = randomize(build())
                image = images_for(model_name, model)
            except Exception as error:  # timm's, not ours
                print(f"{model_name:34} cannot be built: {type(error).__name__}", flush=True)
                continue
            for form, total in totals.items():
                opens, runs, same, words = check(options.program, model, image, form, pathlib.Path(name))
                marks = ["-" if mark is None else "yes" if mark else "NO" for mark in (opens, runs, same)]
                print(f"{model_name:34} {form:6} {marks[0]:5} {marks[1]:4} {marks[2]:4} {words}", flush=True)
                if opens is not None:
                    total[0] += 1
                    for i, mark in enumerate((opens, runs, same), 1):
                        total[i] += bool(mark)
    for form, (count, opens, runs, same) in totals.items():
        print(f"{form}: {count} models, {opens} open, {runs} run, {same} the same")
    return 0 if all(total[0] == total[3] for total in totals.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
