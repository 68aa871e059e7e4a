#!/usr/bin/env python3
"""Writes small models of the usual families, each as TorchScript, .pt2 and ONNX, with what PyTorch computes, into tests/data/conformance.

They are committed, so that every test run opens the three formats without Python; tests/bench/conformance.py does the same with the models in
their real sizes. Run it again with PyTorch 2.11, torchvision and onnxscript when a model here changes:
    python3 tests/data/make_conformance_fixtures.py
NAME.pt, NAME.pt2 and NAME.onnx are the files, NAME.npz holds input0 and output0. Weights are seeded.
"""
import pathlib
import tempfile
import warnings
import zipfile
from functools import partial

import numpy
import onnx
import torch
import torchvision.models as models
from torch import nn
from torchvision.models.convnext import CNBlockConfig, ConvNeXt
from torchvision.models.efficientnet import EfficientNet, MBConvConfig
from torchvision.models.mobilenetv3 import InvertedResidualConfig, MobileNetV3

from make_exported_fixtures import repack
from make_torchscript_fixtures import randomize_batch_norm

warnings.filterwarnings("ignore")
FOLDER = pathlib.Path(__file__).resolve().parent / "conformance"


def resnet():
    model = models.ResNet(models.resnet.BasicBlock, [1, 1, 1, 1], num_classes=10)
    return narrow_resnet(model)


def narrow_resnet(model):
    """ResNet's width is fixed at 64: the layers are made anew with 4."""
    model.inplanes = 4
    model.conv1, model.bn1 = nn.Conv2d(3, 4, 7, 2, 3, bias=False), nn.BatchNorm2d(4)
    for index, planes in enumerate((4, 8, 12, 16), 1):
        setattr(model, f"layer{index}", model._make_layer(models.resnet.BasicBlock, planes, 1, stride=1 if index == 1 else 2))
    model.fc = nn.Linear(16, 10)
    return model


def mobilenet_v3():
    config = partial(InvertedResidualConfig, width_mult=1)
    settings = [config(8, 3, 16, 8, True, "RE", 2, 1), config(8, 5, 24, 12, True, "HS", 2, 1), config(12, 5, 24, 12, True, "HS", 1, 1)]
    return MobileNetV3(settings, last_channel=32, num_classes=10)


def efficientnet():
    settings = [MBConvConfig(1, 3, 1, 8, 8, 1, 1, 1), MBConvConfig(3, 3, 2, 8, 12, 1, 1, 1), MBConvConfig(3, 5, 2, 12, 12, 2, 1, 1)]
    return EfficientNet(settings, dropout=0.2, num_classes=10, last_channel=32)


BUILDERS = {
    "convnext": lambda: ConvNeXt([CNBlockConfig(8, 12, 1), CNBlockConfig(12, None, 1)], num_classes=10),
    "densenet": lambda: models.DenseNet(4, (2, 2), 8, num_classes=10),
    "efficientnet": efficientnet,
    "mobilenet_v2": lambda: models.MobileNetV2(10, inverted_residual_setting=[[1, 8, 1, 1], [3, 12, 2, 2], [3, 16, 1, 2]], width_mult=0.25),
    "mobilenet_v3": mobilenet_v3,
    "resnet": resnet,
    "shufflenet": lambda: models.ShuffleNetV2([2, 2, 2], [8, 8, 12, 16, 32], num_classes=10),
    "swin": lambda: models.SwinTransformer([4, 4], 8, [1, 1], [1, 2], [4, 4], num_classes=10),
    "vit": lambda: models.VisionTransformer(32, 8, 2, 2, 16, 32, num_classes=10),
}


def without_sources(file, kept):
    """Drops the notes where on that machine the code came from."""
    if file.suffix == ".onnx":
        model = onnx.load(file)
        for graph in (model.graph, *model.functions):
            for node in graph.node:
                del node.metadata_props[:]
        onnx.save(model, kept)
        return
    with zipfile.ZipFile(file) as archive:
        records = {name.split("/", 1)[1]: archive.read(name) for name in archive.namelist()}
    writer = torch._C.PyTorchFileWriter(str(kept))
    for name, data in records.items():
        if name not in ("version", "byteorder", ".data/serialization_id") and not name.endswith(".debug_pkl"):
            writer.write_record(name, data, len(data))
    writer.write_end_of_file()


def main():
    FOLDER.mkdir(exist_ok=True)
    for name, build in BUILDERS.items():
        torch.manual_seed(1)
        model = build().eval()
        randomize_batch_norm(model)
        if name == "mobilenet_v2":  # the last convolution has 1280 channels whatever the width
            channels = model.features[-1][0].in_channels
            model.features[-1] = nn.Sequential(nn.Conv2d(channels, 32, 1, bias=False), nn.BatchNorm2d(32), nn.ReLU6(inplace=True)).eval()
            model.classifier[1] = nn.Linear(32, 10)
        image = torch.randn(2, 3, 32, 32)
        with torch.no_grad():
            expected = model(image)
        with tempfile.TemporaryDirectory() as scratch:
            whole = pathlib.Path(scratch) / "model"
            torch.jit.trace(model, image, check_trace=False).save(str(whole.with_suffix(".pt")))
            torch.export.save(torch.export.export(model, (image,)), whole.with_suffix(".pt2"))
            torch.onnx.export(model, (image,), str(whole.with_suffix(".onnx")), dynamo=True, external_data=False, verbose=False)
            without_sources(whole.with_suffix(".pt"), FOLDER / f"{name}.pt")
            repack(whole.with_suffix(".pt2"), FOLDER / f"{name}.pt2", False)
            without_sources(whole.with_suffix(".onnx"), FOLDER / f"{name}.onnx")
        numpy.savez_compressed(FOLDER / f"{name}.npz", input0=image.numpy(), output0=expected.numpy())
        sizes = [f"{ending} {(FOLDER / f'{name}.{ending}').stat().st_size // 1024} KiB" for ending in ("pt", "pt2", "onnx")]
        print(f"{name:14} {sum(p.numel() for p in model.parameters()):7} parameters  {', '.join(sizes)}", flush=True)


if __name__ == "__main__":
    main()
