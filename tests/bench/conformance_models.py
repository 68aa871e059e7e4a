"""The models that conformance.py takes through Lathe, with random weights: of torchvision, timm (what is in timm_models.txt) and transformers."""
import dataclasses
import pathlib
from typing import Callable

import torch
import torchvision
from torch import nn
from torchvision.models import detection, optical_flow, segmentation, video

FAST = ["alexnet", "densenet121", "efficientnet_b0", "googlenet", "inception_v3", "maxvit_t", "mnasnet0_5", "mobilenet_v2",
        "mobilenet_v3_small", "regnet_x_400mf", "resnet18", "shufflenet_v2_x0_5", "squeezenet1_1", "swin_t", "vgg11_bn", "vit_b_32"]
SEGMENTATION_FAST = ["deeplabv3_mobilenet_v3_large", "lraspp_mobilenet_v3_large", "fcn_resnet50"]
VIDEO_FAST = ["r3d_18"]
DETECTION_FAST = ["ssdlite320_mobilenet_v3_large", "fasterrcnn_mobilenet_v3_large_320_fpn"]
TIMM_FILE = pathlib.Path(__file__).with_name("timm_models.txt")
TIMM_FAST = ["test_resnet", "test_convnext", "test_vit4", "ghostnet_050", "levit_128s"]
FIXED_SIZES = {"inception_v3": 299, "maxvit_t": 224, "vit_h_14": 224}


@dataclasses.dataclass
class Case:
    name: str
    build: Callable[[], nn.Module]
    inputs: Callable[[nn.Module, int], dict]  # of so many samples, by the names of forward()'s arguments
    batch: int = 2  # samples in a call
    is_scripted: bool = False  # it branches on its data: torch.jit.script instead of torch.jit.trace
    are_detections: bool = False  # outputs are boxes, labels and scores: judging.matched instead of judging.difference


class Detector(nn.Module):
    """A detector of torchvision for one image, which it takes in a list; its dictionary as a tuple."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, x: torch.Tensor):
        detections = self.model([x[0]])
        # Scripted it always returns the losses of training as well.
        found = detections[1][0] if torch.jit.is_scripting() else detections[0]
        return found["boxes"], found["labels"], found["scores"]


def image_inputs(name):
    def inputs(model, count):
        size = FIXED_SIZES.get(name, 224 if "vit" in name else 96)
        if name.startswith("timm/"):
            size = model.default_cfg.get("input_size", (3, 224, 224))[-1]
        return {"x": torch.randn(count, 3, size, size)}

    return inputs


def video_inputs(name):
    frames, size = (16, 224) if "mvit" in name else (14, 64) if name == "s3d" else (8, 64)
    return lambda model, count: {"x": torch.randn(count, 3, frames, size, size)}


class Bert(nn.Module):
    """An encoder."""

    def __init__(self):
        super().__init__()
        from transformers import BertConfig, BertForSequenceClassification

        self.model = BertForSequenceClassification(BertConfig(vocab_size=100, hidden_size=32, num_hidden_layers=2, num_attention_heads=4,
                                                              intermediate_size=64, max_position_embeddings=40, num_labels=5))

    def forward(self, input_ids, attention_mask):
        return self.model(input_ids=input_ids, attention_mask=attention_mask).logits

    @staticmethod
    def inputs(model, count):
        mask = torch.ones(count, 12, dtype=torch.long)
        mask[::2, 9:] = 0
        return {"input_ids": torch.randint(0, 100, (count, 12)), "attention_mask": mask}


class Decoder(nn.Module):
    """One step of a decoder: the keys and values of what came before are inputs, those of all are outputs."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, input_ids, attention_mask, key0, value0, key1, value1):
        from transformers import DynamicCache

        # A mask of four dimensions is taken as it is: what transformers makes of two neither jit.trace nor export.save can write.
        words, all_words = input_ids.shape[1], attention_mask.shape[1]
        seen = torch.ones(words, all_words, dtype=torch.bool).tril(all_words - words) & attention_mask.bool()[:, None, None]
        mask = torch.where(seen, 0.0, -1e4)
        past = DynamicCache(((key0, value0), (key1, value1)))
        given = self.model(input_ids=input_ids, attention_mask=mask, past_key_values=past, use_cache=True)
        first, second = given.past_key_values.layers
        return given.logits, first.keys, first.values, second.keys, second.values

    @staticmethod
    def inputs(heads):
        def inputs(model, count):
            past = {name: torch.randn(count, heads, 7, 8) for name in ("key0", "value0", "key1", "value1")}
            return {"input_ids": torch.randint(0, 100, (count, 3)), "attention_mask": torch.ones(count, 10, dtype=torch.long), **past}

        return inputs


class Gpt2(Decoder):
    def __init__(self):
        from transformers import GPT2Config, GPT2LMHeadModel

        super().__init__(GPT2LMHeadModel(GPT2Config(vocab_size=100, n_positions=40, n_embd=32, n_layer=2, n_head=4, bos_token_id=0, eos_token_id=0)))


class Llama(Decoder):
    def __init__(self):
        from transformers import LlamaConfig, LlamaForCausalLM

        super().__init__(LlamaForCausalLM(LlamaConfig(vocab_size=100, hidden_size=32, intermediate_size=64, num_hidden_layers=2,
                                                      num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=40)))


class EncoderDecoder(nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, input_ids, decoder_input_ids):
        return self.model(input_ids=input_ids, decoder_input_ids=decoder_input_ids, use_cache=False).logits

    @staticmethod
    def inputs(model, count):
        return {"input_ids": torch.randint(3, 100, (count, 11)), "decoder_input_ids": torch.randint(3, 100, (count, 6))}


class T5(EncoderDecoder):
    def __init__(self):
        from transformers import T5Config, T5ForConditionalGeneration

        super().__init__(T5ForConditionalGeneration(T5Config(vocab_size=100, d_model=32, d_kv=8, d_ff=64, num_layers=2, num_heads=4, decoder_start_token_id=0)))


class Bart(EncoderDecoder):
    def __init__(self):
        from transformers import BartConfig, BartForConditionalGeneration

        super().__init__(BartForConditionalGeneration(BartConfig(
            vocab_size=100, max_position_embeddings=40, d_model=32, encoder_layers=2, decoder_layers=2, encoder_attention_heads=4,
            decoder_attention_heads=4, encoder_ffn_dim=64, decoder_ffn_dim=64)))


TRANSFORMERS = [
    Case("transformers/bert", Bert, Bert.inputs),
    Case("transformers/gpt2", Gpt2, Decoder.inputs(4)),
    Case("transformers/llama", Llama, Decoder.inputs(2)),
    Case("transformers/t5", T5, EncoderDecoder.inputs),
    Case("transformers/bart", Bart, EncoderDecoder.inputs),
]


def torchvision_models(module, fast, is_fast, **more):
    for name in torchvision.models.list_models(module=module):
        if not is_fast or name in fast:
            yield name, lambda name=name: torchvision.models.get_model(name, weights=None, **more)


def is_installed(package):
    try:
        __import__(package)
    except ImportError:
        return False
    return True


def cases(is_fast):
    """Each group's; those of a package that is not installed are left out."""
    for name, build in torchvision_models(torchvision.models, FAST, is_fast):
        yield Case(name, build, image_inputs(name))
    for name, build in torchvision_models(segmentation, SEGMENTATION_FAST, is_fast, weights_backbone=None):
        yield Case(f"segmentation/{name}", build, image_inputs(name))
    for name, build in torchvision_models(video, VIDEO_FAST, is_fast):
        yield Case(f"video/{name}", build, video_inputs(name), batch=1)
    if not is_fast:
        for name, build in torchvision_models(optical_flow, [], is_fast):
            frames = lambda model, count: {"image1": torch.randn(count, 3, 128, 128), "image2": torch.randn(count, 3, 128, 128)}
            yield Case(f"optical_flow/{name}", build, frames, batch=1)
    for name in torchvision.models.list_models(module=detection):
        if is_fast and name not in DETECTION_FAST:
            continue
        # With random weights nothing is found that is likely, and nothing would be compared.
        every = {"box_score_thresh" if "rcnn" in name else "score_thresh": 0.0}
        build = lambda name=name, every=every: torchvision.models.get_model(name, weights=None, weights_backbone=None, **every)
        yield Case(f"detection/{name}", lambda build=build: Detector(build()), lambda model, count: {"x": torch.rand(count, 3, 96, 96)}, 1, True, True)
    if is_installed("transformers"):
        yield from TRANSFORMERS
    if is_installed("timm"):
        import timm

        for name in TIMM_FAST if is_fast else TIMM_FILE.read_text().split():
            yield Case(f"timm/{name}", lambda name=name: timm.create_model(name, pretrained=False), image_inputs(f"timm/{name}"))


def make_scores_distinct(detector):
    """Random weights give every place of an image nearly the same features and all boxes the same score, to the last bit: which of them are
    kept is then an accident of rounding, in each engine another. Statistics are taken from an image, and layers that give scores spread."""
    def settle(norm, given):
        norm.running_mean.copy_(given[0].mean((0, 2, 3)))
        norm.running_var.copy_(given[0].var((0, 2, 3), unbiased=False) + 1e-3)

    def spread(layer, given, scores):
        layer.weight.data.mul_(2 / scores.std())
        return layer.forward(*given)

    def run_with(hooks):
        with torch.no_grad():
            detector(torch.rand(1, 3, 96, 96))
        for hook in hooks:
            hook.remove()

    norms = [each for each in detector.modules() if hasattr(each, "running_mean") and each.running_mean is not None]
    run_with([norm.register_forward_pre_hook(settle) for norm in norms])
    scoring = [layer for name, layer in detector.named_modules() if isinstance(layer, (nn.Conv2d, nn.Linear)) and layer.weight.shape[0] > 1
               and (name.endswith(("cls_score", "cls_logits")) or "classification_head.module_list" in name and layer.groups == 1)]
    run_with([layer.register_forward_hook(spread) for layer in scoring])


def built(case):
    """In evaluation mode, with random statistics: else those of batch norm are 0 and 1, and an exchange of them would not be seen."""
    torch.manual_seed(0)
    model = case.build()
    for module in model.modules():
        if isinstance(module, nn.modules.batchnorm._BatchNorm) and module.running_mean is not None:
            module.running_mean.uniform_(-0.1, 0.1)
            module.running_var.uniform_(0.8, 1.2)
    model.eval()
    if case.are_detections:
        make_scores_distinct(model)
    return model
