#!/usr/bin/env python3
"""Takes channels that nobody needs out of many known models, and compares what is left with what PyTorch computes.

    python3 tests/bench/prune_conformance.py build/release/bin/lathe-cli [--formats pt,pt2,onnx] [--fast] [--ratio 0.3] [--peer] [--only NAME …]
        [--results FILE]

Models: the classifiers of torchvision and those of timm in prune_models.txt, with random weights. Each is pruned at random, wherever channels can go;
from the numbers that are left follows which indices of which weights went. Those are set to zero in the model: dead channels in every prunable place.
Written in each format and pruned by the L1 norm, which finds them, the model must have as few parameters, be exported in the same format, run in
PyTorch or ONNX Runtime, and give the outputs of the model with the zeros (LIMIT of the largest). A line for each model and format; totals come last.
--results keeps what is done, as conformance.py does.
--peer does the same to the model itself with Torch-Pruning: pip install torch-pruning==1.6.0. --fast takes one small model of each family. Ends with 1 when Lathe misses one; what
PyTorch cannot write counts nowhere and is listed.
"""
import argparse
import contextlib
import gc
import json
import pathlib
import resource
import sys
import tempfile
import warnings

import numpy
import onnxruntime
import torch
from torch import nn

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "judges"))
from conformance import Results, Table, in_order, short, write  # noqa: E402
from conformance_models import TIMM_FAST, built, cases  # noqa: E402
from judging import ENDINGS, Failed, difference, load, run_lathe  # noqa: E402

warnings.filterwarnings("ignore")
onnxruntime.set_default_logger_severity(4)
LIMIT = 1e-4
NAMES = pathlib.Path(__file__).with_name("prune_models.txt").read_text().split()
FORMATS = {ENDINGS[form]: form for form in ENDINGS}  # by ending


def with_own_numbers(model):
    """No weight is the same everywhere, so that what is left of it tells what went."""
    with torch.no_grad():
        for name, tensor in model.state_dict().items():
            if not tensor.is_floating_point():
                continue
            if name.endswith("running_var") or tensor.dim() == 1 and bool((tensor == 1).all()):
                tensor.uniform_(0.8, 1.2)
            elif tensor.dim() > 0 and tensor.numel() > 1 and float(tensor.std()) < 1e-8:
                tensor.uniform_(-0.1, 0.1)
    return model.eval()


def kept(before, after):
    """For each dimension of `before` the indices that are left in `after`, by its numbers."""
    numbers, places = before.flatten().sort()
    at = places[torch.searchsorted(numbers, after.flatten()).clamp(max=numbers.numel() - 1)].reshape(after.shape)
    found = []
    for axis, (size, left) in enumerate(zip(before.shape, after.shape)):
        if size == left:
            found.append(torch.arange(size))
            continue
        index = at // before.stride(axis) % size
        found.append(index.movedim(axis, 0).reshape(left, -1).mode(1).values)
    return found


def plant(model, before, after):
    """Zeros in the place of all that went; how many numbers that were."""
    planted = 0
    state = model.state_dict()
    with torch.no_grad():
        for name, left in after.items():
            whole = before.get(name)
            if whole is None or whole.dim() != left.dim() or whole.shape == left.shape:
                continue
            mask = torch.zeros(whole.shape, dtype=torch.bool)
            mask[numpy.ix_(*(each.numpy() for each in kept(whole.contiguous(), left.float())))] = True
            state[name].masked_fill_(~mask, 0.0)
            planted += int((~mask).sum())
    return planted


def floats(tensors):
    return sum(each.numel() for each in tensors if each.is_floating_point())


def export(options, file, recipe, data):
    pruned = file.with_name(f"pruned{file.suffix}")
    run_lathe(options.cli, "export", file, "--recipe", recipe, "--data", data, "--to", FORMATS[file.suffix[1:]], "-o", pruned, "--no-history",
              "--no-verify", limit=1200)
    return pruned


def recipe_of(folder, ratio, criterion):
    file = folder / f"{criterion}.json"
    file.write_text(json.dumps({"lathe": 1, "steps": [{"op": "prune.structured", "ratio": ratio, "criterion": criterion}]}))
    return file


def parameters(file):
    """Of a file that was written."""
    if file.suffix == ".onnx":
        import onnx

        graph = onnx.load(str(file)).graph
        return sum(int(numpy.prod(each.dims)) for each in graph.initializer if each.data_type in (1, 10, 11, 16))
    if file.suffix == ".pt2":
        program = torch.export.load(file)
        return floats([*program.state_dict.values(), *(each for each in program.constants.values() if isinstance(each, torch.Tensor))])
    return floats(torch.jit.load(str(file)).state_dict().values())


def check_format(options, case, model, inputs, expected, ending, folder, data, left):
    """How many of pruned, judged, away, same; words."""
    file = folder / f"model.{ending}"
    write(case, model, inputs, ending, file)
    try:
        pruned = export(options, file, recipe_of(folder, options.ratio, "l1"), data)
    except Failed as failed:
        return 0, short(failed)
    try:
        answer = load(pruned)(list(inputs.values()))
    except Exception as error:  # whatever a judge raises is about this file
        return 1, short(error)
    # A format may hold more numbers than the model: tables that PyTorch's exporter looked up and folded.
    more = max(0, parameters(file) - floats(model.state_dict().values()))
    if parameters(pruned) > 1.01 * left + more:
        return 2, f"{parameters(pruned)} numbers are left instead of {left}"
    try:
        error = difference(answer, expected)
    except AssertionError as reason:
        return 3, short(reason)
    return 3 + (error <= LIMIT), f"{error:.1e}, {100 * (1 - left / floats(model.state_dict().values())):.0f} % of the numbers went"


def outputs_of(model, inputs):
    with torch.no_grad():
        outputs = model(*inputs.values())
    return [each.numpy() for each in (outputs if isinstance(outputs, (tuple, list)) else [outputs]) if isinstance(each, torch.Tensor)]


@contextlib.contextmanager
def limited_memory(further):
    """So many bytes more than now: Torch-Pruning takes 24 GB for a Swin, and the whole machine with it."""
    pages = int(pathlib.Path("/proc/self/statm").read_text().split()[0])
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + further, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


def by_peer(model, inputs, ratio, importance):
    import torch_pruning

    last = [module for module in model.modules() if isinstance(module, nn.Linear)][-1:]
    pruner = torch_pruning.pruner.BasePruner(model, tuple(inputs.values()), importance=importance, pruning_ratio=ratio, ignored_layers=last)
    pruner.step()


def check_peer(options, case, inputs):
    """How many of pruned, runs, away, same; words. In the same way: at random, zeros, by the L1 norm."""
    import torch_pruning

    before = {name: each.clone() for name, each in built_with_own_numbers(case).state_dict().items()}
    model = built_with_own_numbers(case)
    try:
        by_peer(model, inputs, options.ratio, torch_pruning.importance.RandomImportance())
        after = {name: each.clone() for name, each in model.state_dict().items()}
    except Exception as error:
        return 0, short(error)
    try:
        outputs_of(model, inputs)
    except Exception as error:
        return 1, short(error)
    model = built_with_own_numbers(case)
    removed = floats(before.values()) - floats(after.values())
    plant(model, before, after)
    if removed == 0:
        return 2, "nothing went"
    expected = outputs_of(model, inputs)
    try:
        by_peer(model, inputs, options.ratio, torch_pruning.importance.MagnitudeImportance(p=1, normalizer=None))
        error = difference(outputs_of(model, inputs), expected)
    except Exception as error:
        return 3, short(error)
    return 3 + (error <= LIMIT), f"{error:.1e}, {100 * removed / floats(before.values()):.0f} % of the numbers went"


def built_with_own_numbers(case):
    model = built(case)
    torch.manual_seed(1)
    return with_own_numbers(model)


def check(options, case, folder, table, unwritten):
    try:
        model = built_with_own_numbers(case)
        inputs = case.inputs(model, case.batch)
        outputs_of(model, inputs)
    except Exception as error:  # PyTorch's or the package's
        unwritten.append(f"{case.name} cannot be built: {type(error).__name__}: {short(error)}")
        return
    data = folder / "data.npz"
    numpy.savez(data, **{name: tensor.numpy() for name, tensor in inputs.items()})
    before = {name: each.clone() for name, each in model.state_dict().items()}
    file = folder / "model.pt"
    try:
        write(case, model, inputs, "pt", file)
    except Exception as error:
        unwritten.append(f"{case.name}: {type(error).__name__}: {short(error)}")
        return
    try:
        after = torch.jit.load(str(export(options, file, recipe_of(folder, options.ratio, "random"), data))).state_dict()
    except Exception as failed:
        table.add(case.name, "pt", 0, short(failed))
        return
    left = floats(before.values()) - plant(model, before, after)
    expected = outputs_of(model, inputs)
    for ending in options.formats.split(","):
        try:
            done, words = check_format(options, case, model, inputs, expected, ending, folder, data, left)
        except Exception as error:  # PyTorch's exporter, not ours
            unwritten.append(f"{case.name} {ending}: {type(error).__name__}: {short(error)}")
            continue
        table.add(case.name, ending, done, words)
    if options.peer:
        with limited_memory(8 << 30):
            done = check_peer(options, case, inputs)
        table.add(case.name, "Torch-Pruning", *done)
    gc.collect()


def chosen(options):
    if options.only:
        return in_order(cases(options.fast), options.only)
    small = [f"timm/{name}" for name in (TIMM_FAST if options.fast else NAMES)]
    return [case for case in cases(options.fast) if case.name in small or "/" not in case.name]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("cli", help="lathe-cli of the build")
    parser.add_argument("--formats", default="pt,pt2,onnx")
    parser.add_argument("--fast", action="store_true")
    parser.add_argument("--ratio", type=float, default=0.3)
    parser.add_argument("--peer", action="store_true", help="Torch-Pruning beside")
    parser.add_argument("--only", nargs="*", help="names of models, taken in this order")
    parser.add_argument("--results", type=pathlib.Path, help="file of what is done")
    options = parser.parse_args()
    torch.set_num_threads(1)
    table, unwritten = Table(["pruned", "runs", "away", "same"]), []
    with tempfile.TemporaryDirectory() as name:
        results = Results(options.results, [table], unwritten)
        for case in chosen(options):
            results.run(case.name, lambda case=case: check(options, case, pathlib.Path(name), table, unwritten))
    print(f"\nNot written by PyTorch: {len(unwritten)}", *unwritten, sep="\n  ")
    table.print()
    return 0 if all(count == dones[-1] for way, (count, *dones) in table.counts.items() if way != "Torch-Pruning") else 1


if __name__ == "__main__":
    sys.exit(main())
