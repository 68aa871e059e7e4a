#!/usr/bin/env python3
"""What Lathe writes as ONNX for each operator, judged by ONNX Runtime.

    packaging/judges.sh tests/judges/onnx_writer_test.py build/release/bin/lathe-cli [--trace] [CASE…]

torch.export writes the operators, twenty to a model, Lathe exports it, and ONNX Runtime has to give PyTorch's outputs. The operators of a model that
does not pass, and with CASE or --trace (torch.jit.trace writes them, and data tells the shapes) all of them, get a model each. A line for each that
differs or is refused; ends with 1 when there is one.
"""
import concurrent.futures
import os
import pathlib
import subprocess
import sys
import tempfile
import warnings

import numpy
import onnx
import onnxruntime
import torch
import torch.nn.functional as F
from torch import nn

warnings.filterwarnings("ignore")
LIMIT = 1e-4  # of the largest output: other orders of sums
onnxruntime.set_default_logger_severity(3)


class Call(nn.Module):
    """A function behind a layer that can be told from what it does."""

    def __init__(self, function, parts=()):
        super().__init__()
        self.parts = nn.ModuleList(parts)
        self.function = function

    def forward(self, *inputs):
        return self.function(*self.parts, *inputs)


def image(*shape):
    return torch.randn(shape or (2, 4, 8, 8))


def whole(low, high, *shape):
    return torch.randint(low, high, shape)


def plain(value):
    """A tuple of torch.return_types, which torch.export does not write, as one that it does."""
    return tuple(value) if isinstance(value, tuple) else value


CASES = {}


def write_into_views(x):
    """What x[:, 0] = … is: views that are written into."""
    x[:, 0] = 1
    x[:, 1:3, ::2] = x[:, 0:2, 1::2] * 2
    x.transpose(1, 2)[:, -1].relu_()
    x.view(x.shape[0], -1)[:, 3:9] += 1
    return x


def case(name, function, *inputs, parts=()):
    CASES[name] = (function, inputs or (image(),), parts)


for name in ("abs acos acosh asin asinh atan atanh ceil celu cos cosh erf exp exp2 expm1 floor frac isfinite isinf isnan log log10 log1p log2 logical_not "
             "neg reciprocal relu round rsqrt selu sigmoid sign sin sinh sqrt square tan tanh trunc nan_to_num").split():
    positive = name in ("acosh", "log", "log10", "log1p", "log2", "reciprocal", "rsqrt", "sqrt")
    bounded = name in ("acos", "asin", "atanh")
    case(name, getattr(torch, name), torch.rand(3, 5) + 1.1 if positive else torch.rand(3, 5) * 1.8 - 0.9 if bounded else torch.randn(3, 5) * 3)
for name in ("celu elu gelu glu hardshrink hardsigmoid hardswish hardtanh leaky_relu logsigmoid mish relu6 rrelu selu silu softmin softplus softshrink "
             "softsign tanhshrink").split():
    case("F." + name, getattr(F, name), torch.randn(3, 6) * 4)
case("gelu_tanh", lambda x: F.gelu(x, approximate="tanh"), torch.randn(3, 6) * 4)
case("elu_alpha", lambda x: F.elu(x, 0.3), torch.randn(3, 6))
case("celu_alpha", lambda x: F.celu(x, 0.3), torch.randn(3, 6))
case("softplus_beta", lambda x: F.softplus(x, 2.5), torch.randn(3, 6))
case("threshold", lambda x: F.threshold(x, 0.2, -7.0), torch.randn(3, 6))
case("prelu", lambda p, x: p(x), image(), parts=[nn.PReLU(4, 0.3)])
case("prelu_shared", lambda p, x: p(x), image(), parts=[nn.PReLU()])
case("softmax", lambda x: x.softmax(1))
case("log_softmax", lambda x: x.log_softmax(-1))

for name in "add sub mul div atan2 fmod remainder maximum minimum floor_divide pow max min fmax fmin".split():
    case(name, getattr(torch, name), torch.rand(3, 5) * 4 + 0.3 if name == "pow" else torch.randn(3, 5) * 4, torch.randn(3, 5) * 2 + 0.1)
case("add_alpha", lambda x, y: torch.add(x, y, alpha=0.7), image(3, 5), image(3, 5))
case("sub_alpha", lambda x, y: torch.sub(x, y, alpha=0.7), image(3, 5), image(3, 5))
case("rsub", lambda x: 1 - x)
case("rsub_alpha", lambda x, y: torch.rsub(x, y, alpha=3), image(3, 5), image(3, 5))
case("remainder_number", lambda x: x % 0.7, torch.randn(3, 50) * 3)
case("remainder_negative", lambda x: x % -0.7, torch.randn(3, 50) * 3)
case("remainder_whole", lambda x: x % -3, whole(-20, 20, 4, 9))
case("fmod_negative", lambda x: torch.fmod(x, -0.7), torch.randn(3, 50) * 3)
case("fmod_whole", lambda x: torch.fmod(x, 3), whole(-20, 20, 4, 9))
case("floor_divide_whole", lambda x: x // 3, whole(-20, 20, 4, 9))
case("floor_divide_negative", lambda x: x // -3, whole(-20, 20, 4, 9))
case("div_trunc", lambda x, y: torch.div(x, y, rounding_mode="trunc"), image(3, 5) * 9, image(3, 5))
case("div_floor", lambda x, y: torch.div(x, y, rounding_mode="floor"), image(3, 5) * 9, image(3, 5))
case("lerp", lambda x, y: torch.lerp(x, y, 0.3), image(3, 5), image(3, 5))
case("lerp_tensor", torch.lerp, image(3, 5), image(3, 5), torch.rand(3, 5))
case("addcmul", lambda x, y, z: torch.addcmul(x, y, z, value=0.5), image(3, 5), image(3, 5), image(3, 5))
case("addcdiv", lambda x, y, z: torch.addcdiv(x, y, z, value=0.5), image(3, 5), image(3, 5), torch.rand(3, 5) + 1)
case("addmm", lambda x, y, z: torch.addmm(x, y, z, beta=0.5, alpha=2), image(5), image(3, 4), image(4, 5))
case("baddbmm", lambda x, y, z: torch.baddbmm(x, y, z, beta=0.5, alpha=2), image(2, 3, 5), image(2, 3, 4), image(2, 4, 5))
case("baddbmm_beta_0", lambda x, y, z: torch.baddbmm(x, y, z, beta=0), image(2, 3, 5), image(2, 3, 4), image(2, 4, 5))
case("matmul", torch.matmul, image(2, 3, 4), image(4, 5))
case("mm", torch.mm, image(3, 4), image(4, 5))
case("bmm", torch.bmm, image(2, 3, 4), image(2, 4, 5))
case("einsum", lambda x, y: torch.einsum("bij,bjk->bik", x, y), image(2, 3, 4), image(2, 4, 5))
case("einsum_ellipsis", lambda x, y: torch.einsum("...ij,kj->...ik", x, y), image(2, 3, 4), image(5, 4))
case("cross", lambda x, y: torch.linalg.cross(x, y), image(4, 3), image(4, 3))
case("pow_number", lambda x: x ** 3)
case("number_pow", lambda x: 2.0 ** x)
case("clamp", lambda x: x.clamp(-0.5, 0.3))
case("clamp_min", lambda x: x.clamp(min=0.1))
case("clamp_max", lambda x: x.clamp(max=0.1))
case("clamp_tensors", torch.clamp, image(3, 5), torch.full((5,), -0.4), torch.full((5,), 0.4))
case("logical_xor", torch.logical_xor, image(3, 5) > 0, image(3, 5) > 0)
case("comparisons", lambda x, y: (x > y, x >= y, x < y, x <= y, x == y, x != y), image(3, 5), image(3, 5))
case("where", lambda x, y: torch.where(x > 0, x, y), image(3, 5), image(3, 5))
case("masked_fill", lambda x: x.masked_fill(x > 0, -1.5))

for name in "sum mean prod amax amin argmax argmin logsumexp std var all any cumsum max min".split():
    of = (lambda x: x > 0.9) if name in ("all", "any") else (lambda x: x)
    case(name + "_dim", lambda x, n=name, of=of: plain(getattr(torch, n)(of(x), 1)))
    if name not in ("cumsum",):
        case(name + "_keep", lambda x, n=name, of=of: plain(getattr(torch, n)(of(x), -1, keepdim=True)))
    if name not in ("cumsum", "logsumexp", "amax", "amin"):
        case(name + "_whole", lambda x, n=name, of=of: getattr(torch, n)(of(x)), image(2, 3, 4))
case("sum_dims", lambda x: x.sum((1, 3)))
case("mean_dims", lambda x: x.mean((2, 3), keepdim=True))
case("amax_dims", lambda x: x.amax((1, 2)))
case("sum_whole_numbers", lambda x: x.sum(1), whole(0, 9, 3, 5))
case("sum_truths", lambda x: (x > 0).sum(1), image(3, 5))
case("std_biased", lambda x: x.std((1, 2), unbiased=False))
case("var_correction", lambda x: x.var((1, 2), correction=2, keepdim=True))
case("var_mean", lambda x: torch.var_mean(x, 1))
case("std_mean", lambda x: torch.std_mean(x, (2, 3)))
for order in (1, 2, float("inf"), -float("inf")):
    case(f"vector_norm_{order}", lambda x, p=order: torch.linalg.vector_norm(x, p, 1))
case("norm", lambda x: x.norm(2, 1, keepdim=True))
case("normalize", lambda x: F.normalize(x, dim=1))

case("chunk", lambda x: x.chunk(3, 1), image(2, 7, 5))
case("split", lambda x: x.split(3, 1), image(2, 7, 5))
case("split_sizes", lambda x: x.split([1, 4, 2], 1), image(2, 7, 5))
case("tensor_split", lambda x: x.tensor_split(3, 1), image(2, 7, 5))
case("tensor_split_borders", lambda x: x.tensor_split([2, 3], 1), image(2, 7, 5))
case("unbind", lambda x: x.unbind(1), image(2, 3, 5))
case("unbind_stack", lambda x: torch.stack(x.unbind(1)[::-1], 1), image(2, 3, 5))
case("chunk_cat", lambda x: torch.cat(x.chunk(2, 1)[::-1], 1), image(2, 6, 5))
case("topk", lambda x: tuple(x.topk(3, 1)), image(2, 9))
case("topk_smallest", lambda x: tuple(x.topk(3, 1, largest=False)), image(2, 9))
case("sort", lambda x: tuple(x.sort(1)), image(2, 9))
case("sort_descending", lambda x: tuple(x.sort(1, descending=True)), image(2, 9))
case("argsort", lambda x: x.argsort(1), image(2, 9))
case("meshgrid", lambda x: torch.meshgrid(x[0], x[1][:3], indexing="ij"), image(2, 5))
case("meshgrid_xy", lambda x: torch.meshgrid(x[0], x[1][:3], indexing="xy"), image(2, 5))

for mode in ("nearest", "nearest-exact", "bilinear", "bicubic"):
    case(f"interpolate_{mode}_2", lambda x, m=mode: F.interpolate(x, scale_factor=2, mode=m))
    case(f"interpolate_{mode}_size", lambda x, m=mode: F.interpolate(x, size=(5, 11), mode=m))
    if mode.startswith("bi"):
        case(f"interpolate_{mode}_corners", lambda x, m=mode: F.interpolate(x, size=(5, 11), mode=m, align_corners=True))
        case(f"interpolate_{mode}_factor", lambda x, m=mode: F.interpolate(x, scale_factor=1.6, mode=m))
case("interpolate_linear", lambda x: F.interpolate(x, size=11, mode="linear"), image(2, 3, 5))
case("interpolate_nearest_1d", lambda x: F.interpolate(x, scale_factor=2), image(2, 3, 5))
case("interpolate_trilinear", lambda x: F.interpolate(x, scale_factor=2, mode="trilinear"), image(1, 2, 3, 4, 5))
for mode in ("bilinear", "nearest", "bicubic"):
    for padding in ("zeros", "border", "reflection"):
        case(f"grid_sample_{mode}_{padding}", lambda x, g, m=mode, p=padding: F.grid_sample(x, g, m, p, align_corners=False), image(),
             torch.rand(2, 5, 6, 2) * 2.4 - 1.2)
case("grid_sample_corners", lambda x, g: F.grid_sample(x, g, align_corners=True), image(), torch.rand(2, 5, 6, 2) * 2 - 1)
case("affine_grid", lambda x, g: F.grid_sample(x, g, align_corners=False), image(), F.affine_grid(torch.randn(2, 2, 3) * 0.4, (2, 4, 6, 6), align_corners=False))
case("pixel_shuffle", lambda x: F.pixel_shuffle(x, 2))
case("pixel_unshuffle", lambda x: F.pixel_unshuffle(x, 2))
case("channel_shuffle", lambda x: F.channel_shuffle(x, 2))
case("pad", lambda x: F.pad(x, (1, 2, 3, 0), value=0.7))
case("pad_negative", lambda x: F.pad(x, (-1, 2)))
case("pad_reflect", lambda x: F.pad(x, (1, 2, 2, 1), mode="reflect"))
case("pad_replicate", lambda x: F.pad(x, (1, 2, 2, 1), mode="replicate"))
case("pad_replicate_1d", lambda x: F.pad(x, (1, 2), mode="replicate"), image(2, 3, 5))
case("zero_pad", lambda p, x: p(x), parts=[nn.ZeroPad2d(2)])

case("roll", lambda x: x.roll((1, -2), (2, 3)))
case("roll_flat", lambda x: x.roll(3), image(3, 4))
case("repeat", lambda x: x.repeat(1, 2, 1, 3))
case("repeat_more", lambda x: x.repeat(2, 1, 3), image(3, 4))
case("tile", lambda x: x.tile((2, 1)))
case("repeat_interleave", lambda x: x.repeat_interleave(3, 1))
case("repeat_interleave_flat", lambda x: x.repeat_interleave(2), image(3, 4))
case("triu", lambda x: x.triu(1))
case("tril", lambda x: x.tril(-1))
case("movedim", lambda x: x.movedim(1, 3))
case("movedim_list", lambda x: x.movedim((0, 3), (2, 1)))
case("swapaxes", lambda x: x.swapaxes(1, 3))
case("t", lambda x: x.t(), image(3, 4))
case("mT", lambda x: x.mT)
case("diagonal", lambda x: x.diagonal(1, 2, 3))
case("diagonal_below", lambda x: x.diagonal(-2, 1, 3))
case("flip", lambda x: x.flip((1, 3)))
case("one_hot", lambda x: F.one_hot(x, 5), whole(0, 5, 3, 4))
case("unflatten", lambda x: x.unflatten(1, (2, -1)))
case("flatten", lambda x: x.flatten(1, 2))
case("scatter", lambda x, i: x.scatter(1, i, 1.5), image(3, 5), whole(0, 5, 3, 2))
case("scatter_source", lambda x, i, y: x.scatter(1, i, y), image(3, 5), torch.tensor([[0, 2], [1, 3], [4, 0]]), image(3, 5))
case("scatter_add", lambda x, i, y: x.scatter_add(1, i, y), image(3, 5), whole(0, 5, 3, 4), image(3, 4))
case("scatter_reduce", lambda x, i, y: x.scatter_reduce(1, i, y, "prod"), image(3, 5), whole(0, 5, 3, 4), image(3, 4))
case("index_put", lambda x, i, y: x.index_put((i,), y), image(5, 3), torch.tensor([0, 3]), image(2, 3))
case("index_put_add", lambda x, i, y: x.index_put((i,), y, accumulate=True), image(5, 3), torch.tensor([0, 3, 0]), image(3, 3))
case("index_put_mask", lambda x: x.index_put((x > 0,), torch.tensor(0.5)), image(5, 3))
case("index", lambda x, i: x[:, i], image(), torch.tensor([2, 0]))
case("gather", lambda x, i: x.gather(1, i), image(3, 5), whole(0, 5, 3, 2))
case("take_along_dim", lambda x, i: torch.take_along_dim(x, i, 1), image(3, 5), whole(0, 5, 3, 2))
case("index_select", lambda x, i: x.index_select(1, i), image(), torch.tensor([2, 0]))
case("select_slice", lambda x: x[:, 1, ::2, -3:])
case("narrow", lambda x: x.narrow(2, 1, 3))
case("slice_scatter", lambda x, y: x.slice_scatter(y, 1, 1, 3), image(2, 5, 3), image(2, 2, 3))
case("select_scatter", lambda x, y: x.select_scatter(y, 1, 2), image(2, 5, 3), image(2, 3))
case("slice_scatter_step", lambda x, y: x.slice_scatter(y, 1, 1, 5, 2), image(2, 5, 3), image(2, 2, 3))
case("diagonal_scatter", lambda x, y: x.diagonal_scatter(y, 1, 0, 2), image(4, 2, 5), image(2, 4))
case("write_into_views", lambda x: write_into_views(x * 1))
case("nonzero", lambda x: (x > 0).nonzero(), image(3, 5))
case("squeeze", lambda x: x.squeeze(), image(2, 1, 3, 1))
case("squeeze_dim", lambda x: x.squeeze(1), image(2, 1, 3, 1))
case("expand", lambda x: x.expand(-1, 4, 3), image(2, 1, 3))
case("view_as", lambda x, y: x.view_as(y), image(2, 6), image(3, 4))
case("stack_cat", lambda x, y: torch.cat([torch.stack([x, y], 1), torch.stack([y, x], 1)], 1), image(3, 5), image(3, 5))
case("cat_nothing", lambda x, y: torch.cat([torch.zeros(0), x, y[:, :, 0]], -1), image(3, 5), image(3, 4, 2))
case("cat_types", lambda x, y: torch.cat([x, y], -1), image(3, 5), whole(0, 9, 3, 4))
case("arange", lambda x: x + torch.arange(5), image(3, 5))
case("full_like", lambda x: torch.full_like(x, 2.5) * x + torch.ones_like(x) + torch.zeros_like(x))

for dimensions, shape in ((1, (2, 4, 9)), (2, (2, 4, 9, 8)), (3, (1, 4, 6, 5, 7))):
    conv, transposed = getattr(nn, f"Conv{dimensions}d"), getattr(nn, f"ConvTranspose{dimensions}d")
    case(f"conv{dimensions}d", lambda p, x: p(x), image(*shape), parts=[conv(4, 6, 3, stride=2, padding=1, dilation=1)])
    case(f"conv{dimensions}d_groups", lambda p, x: p(x), image(*shape), parts=[conv(4, 8, 3, groups=2, bias=False)])
    case(f"conv{dimensions}d_same", lambda p, x: p(x), image(*shape), parts=[conv(4, 6, 4, padding="same")])
    case(f"conv{dimensions}d_valid", lambda p, x: p(x), image(*shape), parts=[conv(4, 6, 3, padding="valid")])
    case(f"conv_transpose{dimensions}d", lambda p, x: p(x), image(*shape), parts=[transposed(4, 6, 3, stride=2, padding=1, output_padding=1)])
    case(f"conv_transpose{dimensions}d_groups", lambda p, x: p(x), image(*shape), parts=[transposed(4, 6, 3, groups=2, dilation=2, bias=False)])
    for kind in ("max", "avg"):
        case(f"{kind}_pool{dimensions}d", lambda x, f=getattr(F, f"{kind}_pool{dimensions}d"): f(x, 3, 2, 1), image(*shape))
        case(f"adaptive_{kind}_pool{dimensions}d", lambda x, f=getattr(F, f"adaptive_{kind}_pool{dimensions}d"): f(x, 1), image(*shape))
        case(f"adaptive_{kind}_pool{dimensions}d_uneven", lambda x, f=getattr(F, f"adaptive_{kind}_pool{dimensions}d"): f(x, (7, 3, 2)[:len(x.shape) - 2] if x.dim() > 3 else 4), image(*shape))
    case(f"batch_norm{dimensions}d", lambda p, x: p(x), image(*shape), parts=[getattr(nn, f"BatchNorm{dimensions}d")(4)])
    case(f"instance_norm{dimensions}d", lambda p, x: p(x), image(*shape), parts=[getattr(nn, f"InstanceNorm{dimensions}d")(4, affine=True)])
for name in ("bilinear", "bicubic"):
    case(f"{name}_antialias", lambda x, n=name: F.interpolate(x, (5, 13), mode=n, antialias=True), image(2, 3, 9, 10))
    case(f"{name}_antialias_factor", lambda x, n=name: F.interpolate(x, scale_factor=0.5, mode=n, antialias=True), image(2, 3, 9, 10))
case("max_pool2d_ceil", lambda x: F.max_pool2d(x, 3, 2, ceil_mode=True), image(2, 4, 8, 9))
case("max_pool2d_dilated", lambda x: F.max_pool2d(x, 3, 1, dilation=2), image(2, 4, 8, 9))
case("avg_pool2d_ceil", lambda x: F.avg_pool2d(x, 3, 2, 1, ceil_mode=True, count_include_pad=False), image(2, 4, 8, 9))
case("adaptive_avg_pool2d_2", lambda x: F.adaptive_avg_pool2d(x, 2))
case("adaptive_max_pool2d_2", lambda x: F.adaptive_max_pool2d(x, 2))
case("instance_norm_plain", lambda x: F.instance_norm(x))
case("batch_norm_own_statistics", lambda x: F.batch_norm(x, None, None, training=True))
case("weight_standardized", lambda w, x: F.conv2d(x, F.batch_norm(w.view(1, 6, -1), None, None, torch.full((6,), 0.3), None, True).view_as(w)),
     torch.randn(6, 4, 3, 3), image())
case("group_norm", lambda p, x: p(x), parts=[nn.GroupNorm(2, 4)])
case("group_norm_plain", lambda p, x: p(x), parts=[nn.GroupNorm(4, 4, affine=False)])
case("layer_norm", lambda p, x: p(x), parts=[nn.LayerNorm(8)])
case("layer_norm_plain", lambda x: F.layer_norm(x, (8, 8)))
case("rms_norm", lambda p, x: p(x), parts=[nn.RMSNorm(8)])
case("local_response_norm", lambda x: F.local_response_norm(x, 2))
case("lp_pool", lambda x: F.lp_pool2d(x, 2, 2))

case("linear", lambda p, x: p(x), image(3, 5, 8), parts=[nn.Linear(8, 4)])
case("embedding", lambda p, x: p(x), whole(0, 9, 3, 5), parts=[nn.Embedding(9, 4)])
case("attention", F.scaled_dot_product_attention, image(2, 3, 5, 4), image(2, 3, 6, 4), image(2, 3, 6, 4))
case("attention_causal", lambda q, k, v: F.scaled_dot_product_attention(q, k, v, is_causal=True), image(2, 3, 5, 4), image(2, 3, 6, 4), image(2, 3, 6, 4))
case("attention_mask", lambda q, k, v, m: F.scaled_dot_product_attention(q, k, v, m > -1), image(2, 3, 5, 4), image(2, 3, 6, 4), image(2, 3, 6, 4), image(5, 6))
case("multihead", lambda p, x: p(x, x, x, need_weights=False)[0], image(2, 5, 8), parts=[nn.MultiheadAttention(8, 2, batch_first=True)])
for name in ("LSTM", "GRU", "RNN"):
    layer = getattr(nn, name)
    case(name, lambda p, x: p(x)[0], image(5, 2, 4), parts=[layer(4, 3)])
    case(name + "_states", lambda p, x: leaves(p(x)), image(5, 2, 4), parts=[layer(4, 3, num_layers=2, bidirectional=True)])
    case(name + "_batch_first", lambda p, x: p(x)[0], image(2, 5, 4), parts=[layer(4, 3, batch_first=True, bias=False)])
case("RNN_relu", lambda p, x: p(x)[0], image(5, 2, 4), parts=[nn.RNN(4, 3, nonlinearity="relu", bidirectional=True)])


class Group(nn.Module):
    """Several cases in one model."""

    def __init__(self, names):
        super().__init__()
        self.calls = nn.ModuleList(Call(CASES[name][0], CASES[name][2]) for name in names)
        self.counts = [len(CASES[name][1]) for name in names]

    def forward(self, *inputs):
        outputs, first = [], 0
        for call, count in zip(self.calls, self.counts):
            outputs += leaves(call(*inputs[first:first + count]))
            first += count
        return outputs


def leaves(value):
    return [each for element in value for each in leaves(element)] if isinstance(value, (tuple, list)) else [value]


def judge(cli, names, isTraced=False):
    """What is wrong with the model of these cases, and whether that is Lathe's fault."""
    model = Group(names).eval()
    inputs = tuple(each for name in names for each in CASES[name][1])
    data = []
    with tempfile.TemporaryDirectory() as temporary, torch.no_grad():
        folder = pathlib.Path(temporary)
        try:
            if isTraced:
                torch.jit.trace(model, inputs, check_trace=False).save(folder / "m.pt")
                if len({each.shape[:1] for each in inputs}) != 1:
                    return "the inputs have different batches, as no data set has", False
                numpy.savez(folder / "data.npz", **{f"x{index}": each.numpy() for index, each in enumerate(inputs)})
                data = ["--data", str(folder / "data.npz")]
            else:
                torch.export.save(torch.export.export(model, inputs), folder / "m.pt2")
        except Exception as error:  # PyTorch's own limits are not ours to judge
            return f"PyTorch does not write it: {str(error).splitlines()[0][:120]}", False
        expected = [each.numpy() for each in model(*inputs)]
        done = subprocess.run([cli, "export", str(folder / ("m.pt" if isTraced else "m.pt2")), "--to", "onnx", "-o", str(folder / "m.onnx"),
                               "--no-verify", "--no-history", *data],
                              capture_output=True, text=True, env=os.environ | {"LATHE_STAGES": "off", "LATHE_KERNELS": "off", "OMP_NUM_THREADS": "1"})
        if done.returncode != 0:
            return done.stderr.strip(), True
        try:
            onnx.checker.check_model(str(folder / "m.onnx"), full_check=True)
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = 1
            session = onnxruntime.InferenceSession(str(folder / "m.onnx"), options, providers=["CPUExecutionProvider"])
            actual = session.run(None, {each.name: value.numpy() for each, value in zip(session.get_inputs(), inputs)})
        except Exception as error:
            return f"ONNX Runtime: {str(error)[:300]}", True
    if len(actual) != len(expected):
        return f"{len(actual)} outputs instead of {len(expected)}", True
    for got, wanted in zip(actual, expected):
        if got.shape != wanted.shape or got.dtype != wanted.dtype:
            return f"{got.dtype}{got.shape} instead of {wanted.dtype}{wanted.shape}", True
        largest = numpy.abs(numpy.nan_to_num(wanted.astype("float64"), posinf=0, neginf=0)).max(initial=1e-3)
        if not numpy.allclose(got, wanted, rtol=LIMIT, atol=LIMIT * largest, equal_nan=True):
            return f"differs by {numpy.nanmax(numpy.abs(got.astype('float64') - wanted)):.3g} of {largest:.3g}", True
    return "", False


def main():
    cli, isTraced, chosen = sys.argv[1], "--trace" in sys.argv, [each for each in sys.argv[2:] if each != "--trace"]
    unknown = set(chosen) - set(CASES)
    if unknown:
        sys.exit(f"there is no case {', '.join(sorted(unknown))}")
    torch.manual_seed(1)
    torch.set_num_threads(1)
    names = chosen or list(CASES)
    size = 1 if chosen or isTraced else 20
    failed = 0
    for first in range(0, len(names), size):
        group = names[first:first + size]
        text, _ = judge(cli, group, isTraced)
        if not text:
            continue
        for name in group:
            text, isFailure = judge(cli, [name], isTraced)
            failed += bool(text) and (isFailure or not isTraced)
            if text:
                print("FAIL" if isFailure or not isTraced else "skip", name, text, flush=True)
        if len(group) > 1 and not failed:
            print("FAIL", "together:", *group, flush=True)
            failed += 1
    print(f"{len(names)} cases, {failed} fail")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
