#!/bin/bash
# Packs what a GPU machine needs to check Lathe there: the programs, the CUDA plug-in and a sample, without LibTorch (its Python has torch 2.11.0).
# Usage: packaging/gpu_bundle.sh [build folder] [output file]     then there: tar xzf lathe-gpu.tar.gz && lathe-gpu/run.sh
set -euo pipefail
source_dir=$(cd "$(dirname "$0")/.." && pwd)
build_dir=${1:-$source_dir/build/release}
output=${2:-lathe-gpu.tar.gz}
size_limit=$((60 * 1024 * 1024))

for needed in bin/gpu_check lib/liblathe_cuda.so; do
    if [ ! -e "$build_dir/$needed" ]; then
        echo "gpu_bundle.sh: $build_dir/$needed is missing; build the targets gpu_check and lathe_cuda first (nvcc is needed)." >&2
        exit 1
    fi
done

stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
bundle=$stage/lathe-gpu
mkdir -p "$bundle/bin" "$bundle/lib" "$bundle/resources"
cp "$build_dir/bin/gpu_check" "$bundle/bin/"
[ ! -e "$build_dir/bin/lathe-cli" ] || cp "$build_dir/bin/lathe-cli" "$bundle/bin/"
cp "$build_dir/lib/liblathe_cuda.so" "$bundle/lib/"
[ ! -d "$source_dir/resources/samples" ] || cp -r "$source_dir/resources/samples" "$source_dir/resources/python" "$bundle/resources/"

# Libraries of this system that another one may lack. The C library and everything of PyTorch and CUDA is taken from there.
for program in "$bundle"/bin/*; do
    ldd "$program" | awk '$3 ~ /^\// { print $3 }'
done | sort -u | while read -r library; do
    case $(basename "$library") in
    libc.so.* | libm.so.* | libdl.so.* | librt.so.* | libpthread.so.* | libtorch* | libc10* | libcu* | libnv* | libgomp*) ;;
    *) cp -L "$library" "$bundle/lib/" ;;
    esac
done
strip --strip-unneeded "$bundle"/bin/* "$bundle/lib/liblathe_cuda.so"

cat > "$bundle/run.sh" <<'RUN'
#!/bin/bash
# Finds LibTorch in the Python of this machine and checks Lathe on its GPU. Arguments go to gpu_check (the device: cuda:0).
# With LATHE_PROGRAM=lathe-cli, lathe-cli is started instead.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
if ! torch=$(python3 -c 'import torch; print(torch.__path__[0])'); then
    echo "run.sh: python3 of this machine has no torch; torch 2.11.0 is needed." >&2
    exit 1
fi
site=$(dirname "$torch")
libraries=$here/lib:$torch/lib
for folder in "$site"/nvidia/*/lib; do
    [ ! -d "$folder" ] || libraries=$libraries:$folder
done
export LD_LIBRARY_PATH=$libraries${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
exec "$here/bin/${LATHE_PROGRAM:-gpu_check}" "$@"
RUN
chmod +x "$bundle/run.sh"

tar -C "$stage" -czf "$output" lathe-gpu
size=$(stat -c %s "$output")
if [ "$size" -gt "$size_limit" ]; then
    echo "gpu_bundle.sh: $output is $size bytes, more than $size_limit." >&2
    exit 1
fi
echo "$output: $((size / 1024)) KiB"
