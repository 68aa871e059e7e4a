#!/usr/bin/env python3
"""Makes tests/data/images: small pictures, and what torchvision makes of them (bytes, channels last). Needs Pillow, numpy and torchvision."""
import pathlib

import numpy
from PIL import Image
from torchvision.transforms import CenterCrop, InterpolationMode, Resize

here = pathlib.Path(__file__).parent / "images"
here.mkdir(exist_ok=True)
random = numpy.random.default_rng(1)
rows, columns = numpy.mgrid[0:45, 0:60]
pixels = numpy.stack([rows * 5, columns * 4, (rows * columns) % 256], axis=-1) + random.integers(0, 30, (45, 60, 3))
picture = Image.fromarray(pixels.clip(0, 255).astype(numpy.uint8))
picture.save(here / "photo.png")
picture.save(here / "photo.jpg", quality=90)
picture.convert("L").save(here / "gray.png")
small = CenterCrop((14, 17))(Resize(16, InterpolationMode.BILINEAR, antialias=True)(picture))
numpy.save(here / "photo_resize16_crop14x17.npy", numpy.asarray(small))
numpy.save(here / "photo_gray.npy", numpy.asarray(picture.convert("L")))
numpy.save(here / "photo_jpg.npy", numpy.asarray(Image.open(here / "photo.jpg")))
