#!/usr/bin/env bash
# Brings LibTorch 2.11.0 (the PyPI wheel) into a local folder and prints that folder. Idempotent: a second call takes milliseconds.
#
#   packaging/libtorch.sh            → prints …/libtorch-2.11.0
#
# Folder: $LATHE_DEPENDENCIES, or $XDG_CACHE_HOME/lathe, or ~/.cache/lathe. The folder holds torch/ (headers, libraries) and nvidia/ (the two CUDA
# libraries that libtorch_cpu.so names in its ELF header; with a GPU or nvcc also those that the CUDA plug-in needs).
set -euo pipefail

version=2.11.0
root="${LATHE_DEPENDENCIES:-${XDG_CACHE_HOME:-$HOME/.cache}/lathe}"
folder="$root/libtorch-$version"
say() { printf 'libtorch: %s\n' "$*" >&2; }

# pip is only used to find and check the wheels; nothing of it is run at build or run time.
fetch() { # fetch FOLDER PACKAGE...
  local into="$1"; shift
  local scratch; scratch="$(mktemp -d "$root/fetch.XXXXXX")"
  local platforms=() glibc
  for glibc in $(seq 5 36); do platforms+=(--platform "manylinux_2_${glibc}_x86_64"); done
  python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: --python-version 3.11 --implementation cp \
    "${platforms[@]}" --platform manylinux2014_x86_64 --platform manylinux1_x86_64 --dest "$scratch" "$@" >&2
  for wheel in "$scratch"/*.whl; do python3 -m zipfile -e "$wheel" "$scratch/unpacked"; done
  mkdir -p "$into"
  cp -r "$scratch/unpacked/." "$into/"
  rm -rf "$scratch"
}

mkdir -p "$root"
exec 9> "$root/.lock"
flock 9   # two builds at once must not unpack into one folder

if [ ! -f "$folder/.complete" ]; then
  python3 -m pip --version > /dev/null 2>&1 || { say "python3-pip is missing; packaging/run.sh installs it"; exit 1; }
  say "downloading torch $version (0.5 GB) into $folder"
  rm -rf "$folder" "$folder.part"
  fetch "$folder.part" "torch==$version" "nvidia-cuda-runtime>=13.0,<13.1" "nvidia-cuda-cupti>=13.0,<13.1"
  touch "$folder.part/.complete"
  mv "$folder.part" "$folder"
fi

# The CUDA plug-in links libtorch_cuda.so. These libraries are its needs that a CUDA toolkit does not carry.
if { command -v nvcc > /dev/null 2>&1 || [ -e /dev/nvidia0 ]; } && [ ! -f "$folder/.cuda_complete" ]; then
  say "downloading the NVIDIA libraries that libtorch_cuda.so needs beside the toolkit"
  packages=(nvidia-cufile nvidia-cusparselt-cu13 nvidia-nvshmem-cu13)
  if ! ldconfig -p | grep -q 'libcudnn\.so\.9' && ! [ -e /usr/local/cuda/lib64/libcudnn.so.9 ]; then
    packages+=("nvidia-cudnn-cu13==9.19.*" nvidia-cublas nvidia-cufft nvidia-curand nvidia-cusolver nvidia-cusparse nvidia-nccl-cu13
               nvidia-nvjitlink nvidia-cuda-nvrtc)
  fi
  fetch "$folder" "${packages[@]}"
  touch "$folder/.cuda_complete"
fi
printf '%s\n' "$folder"
