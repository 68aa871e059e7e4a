#!/usr/bin/env python3
"""Twenty steps of training, judged by PyTorch: each optimizer, schedule, loss and way of distilling.

    packaging/judges.sh tests/judges/training_test.py build/release/bin/lathe-cli [CASE…]

Each case trains a small model with a recipe and with the loop that people write in PyTorch, from the same weights on the same data, one batch for each
epoch. The largest difference of the weights is at most 1e-5 of the largest weight. A line for each case that fails; ends with 1 when there is one.
"""
import copy
import json
import os
import pathlib
import sys
import tempfile

import numpy
import torch
import torch.nn.functional as F
from torch import nn

from judging import Failed, run_lathe

LIMIT, STEPS, SAMPLES = 1e-5, 20, 24
torch.set_num_threads(1)


class Flat(nn.Module):
    """A convolution, a batch norm and a linear layer on small images."""

    def __init__(self):
        super().__init__()
        self.conv, self.bn, self.fc = nn.Conv2d(2, 6, 3, padding=1), nn.BatchNorm2d(6), nn.Linear(6 * 16, 4)
        self.bn.running_mean.uniform_(-0.5, 0.5)
        self.bn.running_var.uniform_(0.5, 1.5)

    def forward(self, x):
        return self.fc(F.relu(self.bn(self.conv(x))).flatten(1))


class Tokens(nn.Module):
    def __init__(self):
        super().__init__()
        self.table, self.fc = nn.Embedding(20, 8), nn.Linear(8, 5)

    def forward(self, x):
        return self.fc(torch.relu(self.table(x)))


def points(outputs, last=nn.Identity):
    return nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, outputs), last())


def pixels(outputs):
    return nn.Sequential(nn.Conv2d(2, 6, 3, padding=1), nn.ReLU(), nn.Conv2d(6, outputs, 1))


IMAGES, NUMBERS, MAPS = (SAMPLES, 2, 4, 4), (SAMPLES, 6), (SAMPLES, 4, 4)
MODELS = {  # model, samples, labels
    "classes": (lambda: points(4), lambda: torch.randn(NUMBERS), lambda: torch.randint(0, 4, (SAMPLES,))),
    "images": (Flat, lambda: torch.randn(IMAGES), lambda: torch.randint(0, 4, (SAMPLES,))),
    "softmax": (lambda: points(4, lambda: nn.Softmax(1)), lambda: torch.randn(NUMBERS), lambda: torch.randint(0, 4, (SAMPLES,))),
    "tokens": (Tokens, lambda: torch.randint(0, 20, (SAMPLES, 7)), lambda: torch.randint(-1, 5, (SAMPLES, 7))),
    "pixels": (lambda: pixels(3), lambda: torch.randn(IMAGES), lambda: torch.randint(0, 3, MAPS)),
    "binary": (lambda: points(1), lambda: torch.randn(NUMBERS), lambda: torch.randint(0, 2, (SAMPLES,))),
    "sigmoid": (lambda: points(1, nn.Sigmoid), lambda: torch.randn(NUMBERS), lambda: torch.randint(0, 2, (SAMPLES,))),
    "truths": (lambda: points(3), lambda: torch.randn(NUMBERS), lambda: torch.randint(0, 2, (SAMPLES, 3))),
    "numbers": (lambda: points(2), lambda: torch.randn(NUMBERS), lambda: 3 * torch.randn(SAMPLES, 2)),
    "nothing": (lambda: points(4), lambda: torch.randn(NUMBERS), lambda: None),
}


def cross_entropy(out, y, **more):
    return F.cross_entropy(out, y, **more)


def per_token(out, y):
    return F.cross_entropy(out.flatten(0, 1), y.flatten(), ignore_index=-1)


def truth(out, y, **more):
    return F.binary_cross_entropy_with_logits(out.reshape(y.shape), y.float(), **more)


def dice(out, y):
    p, t = out.softmax(1), F.one_hot(y, out.shape[1]).movedim(-1, 1).float()
    return 1 - (2 * (p * t).sum((0, 2, 3)) / (p.sum((0, 2, 3)) + t.sum((0, 2, 3)))).mean()


LOSSES = {"classes": cross_entropy, "images": cross_entropy, "softmax": lambda out, y: F.nll_loss(out.log(), y), "tokens": per_token,
          "pixels": cross_entropy, "binary": truth, "sigmoid": lambda out, y: F.binary_cross_entropy(out[:, 0], y.float()), "truths": truth,
          "numbers": F.mse_loss}


class Lamb(torch.optim.Optimizer):
    """Algorithm 2 of arXiv:1904.00962; PyTorch has none."""

    def __init__(self, params, lr, weight_decay):
        super().__init__(params, {"lr": lr, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for w in group["params"]:
                if w.grad is None:
                    continue
                state = self.state.setdefault(w, {}) or self.state[w]
                t = state["t"] = state.get("t", 0) + 1
                m = state["m"] = 0.9 * state.get("m", torch.zeros_like(w)) + 0.1 * w.grad
                v = state["v"] = 0.999 * state.get("v", torch.zeros_like(w)) + 0.001 * w.grad ** 2
                u = (m / (1 - 0.9 ** t)) / ((v / (1 - 0.999 ** t)).sqrt() + 1e-6) + group["weight_decay"] * w
                length, move = w.norm(), u.norm()
                w -= group["lr"] * (length / move if length > 0 and move > 0 else 1) * u


def sgd(lr=0.05, **more):
    return lambda params: torch.optim.SGD(params, lr, **({"momentum": 0.9} | more))


CASES = {}  # model, recipe, and for PyTorch: optimizer, schedule, loss, others


def case(name, model, recipe, optimizer=None, schedule=None, loss=None, **others):
    CASES[name] = (model, recipe, optimizer or sgd(), schedule, loss or LOSSES.get(model), others)


scheduler = torch.optim.lr_scheduler
case("sgd", "classes", {})
case("sgd_plain", "classes", {"momentum": 0}, sgd(momentum=0))
case("sgd_decay", "classes", {"weight_decay": 0.1}, sgd(weight_decay=0.1))
case("sgd_nesterov", "classes", {"nesterov": True}, sgd(nesterov=True))
case("adamw", "classes", {"optimizer": "adamw", "weight_decay": 0.01}, lambda p: torch.optim.AdamW(p, 0.05, weight_decay=0.01))
case("lamb", "numbers", {"optimizer": "lamb", "weight_decay": 0.01}, lambda p: Lamb(p, 0.05, 0.01))
case("step", "classes", {"schedule": "step"}, schedule=lambda o: scheduler.MultiStepLR(o, [STEPS // 2, STEPS * 3 // 4], 0.1))
case("cosine", "classes", {"schedule": "cosine"}, schedule=lambda o: scheduler.CosineAnnealingLR(o, STEPS))
case("one_cycle", "classes", {"schedule": "one_cycle"},
     schedule=lambda o: scheduler.OneCycleLR(o, 0.05, total_steps=STEPS, cycle_momentum=False))
case("one_cycle_half", "classes", {"schedule": "one_cycle", "warm_up": 0.5, "optimizer": "adamw"}, lambda p: torch.optim.AdamW(p, 0.05, weight_decay=0),
     lambda o: scheduler.OneCycleLR(o, 0.05, total_steps=STEPS, pct_start=0.5, cycle_momentum=False))
case("warm_up", "classes", {"warm_up": 0.25}, schedule=lambda o: scheduler.LambdaLR(o, lambda t: min(t / 5, 1)))
case("warm_up_cosine", "classes", {"warm_up": 0.2, "schedule": "cosine"},
     schedule=lambda o: scheduler.SequentialLR(o, [scheduler.LambdaLR(o, lambda t: t / 4), scheduler.CosineAnnealingLR(o, 16)], [4]))
case("smoothing", "classes", {"label_smoothing": 0.1}, loss=lambda out, y: cross_entropy(out, y, label_smoothing=0.1))
case("weights", "classes", {"class_weights": "1, 0.5, 2, 3"}, loss=lambda out, y: cross_entropy(out, y, weight=torch.tensor([1, 0.5, 2, 3])))
case("balanced", "classes", {"class_weights": "balanced"},
     loss=lambda out, y: cross_entropy(out, y, weight=len(y) / (4 * torch.bincount(y, minlength=4))))
case("softmax", "softmax", {})
case("tokens", "tokens", {})
case("pixels", "pixels", {})
case("dice", "pixels", {"loss": "dice"}, loss=dice)
case("binary", "binary", {})
case("binary_balanced", "binary", {"class_weights": "balanced"}, loss=lambda out, y: truth(out, y, pos_weight=(1 - y.float()).sum() / y.sum()))
case("sigmoid", "sigmoid", {})
case("truths", "truths", {})
case("numbers", "numbers", {})
case("huber", "numbers", {"loss": "huber"}, loss=F.huber_loss)
case("clip", "classes", {"clip_norm": 0.05}, clip=0.05)
case("accumulate", "classes", {"accumulate": 3, "batch_size": SAMPLES // 3})
case("accumulate_less", "classes", {"accumulate": 5, "batch_size": 7})
case("ema", "classes", {"ema": 0.9}, ema=0.9)
case("frozen", "images", {"layers": {"conv": {"skip": True}}}, frozen=["conv."])
case("frozen_by_rule", "images", {"where": ["fc"]}, frozen=["conv.", "bn."])
case("batch_norm_frozen", "images", {})
case("frozen_with_its_statistics", "images", {"batch_norm": "batch", "where": ["fc"]}, frozen=["conv.", "bn."])
case("batch_norm_of_batch", "images", {"batch_norm": "batch"}, trains_norms=True)
T = 4


def divergence(out, its):
    return F.kl_div((out / T).log_softmax(1), (its / T).log_softmax(1), reduction="batchmean", log_target=True) * T * T


def divergence_of_parts(out, its):
    return divergence(out.flatten(0, 1), its.flatten(0, 1))


def divergence_of_truths(out, its):
    def both(scores):
        return torch.stack([scores / T, -scores / T]).sigmoid()

    return (both(its) * (both(its).log() - both(out).log())).sum(0).mean() * T * T


case("distil", "classes", {"distill": {"weight": 0.7}}, learn=lambda out, its, *_: 0.7 * divergence(out, its), ofLabels=0.3)
case("distil_only", "nothing", {"distill": {"weight": 1, "outputs": "divergence"}}, learn=lambda out, its, *_: divergence(out, its), ofLabels=0)
case("distil_difference", "nothing", {"distill": {"weight": 1}}, learn=lambda out, its, *_: F.mse_loss(out, its), ofLabels=0)
case("distil_tokens", "tokens", {"distill": {"weight": 1}}, learn=lambda out, its, *_: divergence_of_parts(out, its), ofLabels=0)
case("distil_binary", "binary", {"distill": {"weight": 0.5}}, learn=lambda out, its, *_: 0.5 * divergence_of_truths(out, its), ofLabels=0.5)
case("distil_numbers", "numbers", {"distill": {"weight": 0.5}}, learn=lambda out, its, *_: 0.5 * F.mse_loss(out, its), ofLabels=0.5)


def attention(f):
    return F.normalize(f.pow(2).mean(1).flatten(1))


def similarity(f):
    return F.normalize(f.flatten(1) @ f.flatten(1).T)


case("fitnets", "images", {"distill": {"features": "fitnets", "feature_weight": 2}}, learn=lambda out, its, f, g: 2 * F.mse_loss(f, g))
case("attention", "images", {"distill": {"features": "attention", "feature_weight": 50}},
     learn=lambda out, its, f, g: 50 * F.mse_loss(attention(f), attention(g)))
case("similarity", "images", {"distill": {"features": "similarity", "feature_weight": 50, "weight": 0.5}},
     learn=lambda out, its, f, g: 50 * F.mse_loss(similarity(f), similarity(g)) + 0.5 * divergence(out, its), ofLabels=0.5)


def run(model, x):
    """Outputs, and what the convolution gives where there is one."""
    seen = []
    hook = model.conv.register_forward_hook(lambda *all: seen.append(all[2])) if hasattr(model, "conv") else None
    out = model(x)
    if hook:
        hook.remove()
    return out, seen[0] if seen else None


def train(model, teacher, x, y, optimizer, schedule, loss, clip=0, ema=0, frozen=(), trains_norms=False, learn=None, ofLabels=1):
    model.eval()
    if trains_norms:
        model.train()
    used = [p for name, p in model.named_parameters() if not name.startswith(tuple(frozen) or "-")]
    masks = [(p, (p != 0).float()) for p in used if p.dim() > 1]
    optimizer = optimizer(used)
    schedule = schedule and schedule(optimizer)
    average = torch.optim.swa_utils.AveragedModel(model, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(ema)) if ema else None
    for _ in range(STEPS):
        optimizer.zero_grad()
        out, features = run(model, x)
        total = ofLabels * loss(out, y) if ofLabels else 0
        if learn:
            with torch.no_grad():
                its, itsFeatures = run(teacher, x)
            total = total + learn(out, its, features, itsFeatures)
        total.backward()
        if clip:
            torch.nn.utils.clip_grad_norm_(used, clip)
        optimizer.step()
        if schedule:
            schedule.step()
        with torch.no_grad():
            for p, mask in masks:
                p.mul_(mask)
        if average:
            average.update_parameters(model)
    return average.module if average else model


def judged(cli, folder, name):
    """What is wrong; "" when nothing is."""
    torch.manual_seed(len(name))
    kind, recipe, optimizer, schedule, loss, others = CASES[name]
    model, x, y = (each() for each in MODELS[kind])
    model.eval()
    file, data, written, trained = (folder / each for each in ("model.pt", "data.npz", "recipe.json", "trained.pt"))
    torch.jit.trace(model, x[:2]).save(str(file))
    arrays = {"x": x.numpy()} | ({"y": y.numpy()} if y is not None else {})
    numpy.savez(data, **arrays, **{key + "_train": array for key, array in arrays.items()})
    teacher = copy.deepcopy(model)
    steps = []
    if "learn" in others:  # or there would be nothing to learn from the teacher
        steps.append({"op": "prune.unstructured", "ratio": 0.4, "scope": "layer"})
        for layer in model.modules():
            if isinstance(layer, (nn.Linear, nn.Conv2d)):
                weight = layer.weight.data.flatten()
                weight[weight.abs().argsort()[:int(0.4 * weight.numel())]] = 0
    steps.append({"op": "finetune", "epochs": STEPS, "learning_rate": 0.05, "batch_size": SAMPLES} | recipe)
    written.write_text(json.dumps({"lathe": 1, "steps": steps}))
    try:
        run_lathe(cli, "export", file, "-o", trained, "--to", "torchscript", "--no-history", "--no-verify", "--data", data, "--recipe", written, limit=60)
    except Failed as failed:
        return str(failed).replace("\n", " ")[:300]
    expected = train(model, teacher, x, y, optimizer, schedule, loss, **others).state_dict()
    actual = {name.removeprefix("_"): tensor for name, tensor in torch.jit.load(str(trained)).state_dict().items()}
    expected = {name: tensor for name, tensor in expected.items() if tensor.is_floating_point()}
    start = teacher.state_dict()
    worst, moved = 0.0, 0.0
    for key, tensor in expected.items():
        if key not in actual:
            return f"there is no {key} among {', '.join(actual)}"
        worst = max(worst, float((actual[key] - tensor).abs().max() / max(1.0, float(tensor.abs().max()))))
        moved = max(moved, float((tensor - start[key]).abs().max()))
    if moved < 0.01:
        return f"is no test: weights move by {moved:.2g} only"
    return "" if worst <= LIMIT else f"differs by {worst:.2g}"


def main():
    cli, names = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2:]
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"LATHE_HISTORY": str(pathlib.Path(folder, "history.sqlite")), "XDG_STATE_HOME": folder}
        for name in names or CASES:
            wrong = judged(cli, pathlib.Path(folder), name)
            failed += wrong != ""
            if wrong:
                print(f"{name}: {wrong}", flush=True)
    print(f"{len(names or CASES)} cases, {failed} fail")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
