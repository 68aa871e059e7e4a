# Debian 12 packages that Lathe is built and tested with; sourced by run.sh and check.sh.
lathe_packages=(
  g++ cmake ninja-build ccache pkg-config python3 python3-pip
  qt6-base-dev qt6-svg-dev qt6-tools-dev qt6-tools-dev-tools qt6-l10n-tools libgl-dev libqcustomplot-dev
  libsqlite3-dev libsqlitecpp-dev nlohmann-json3-dev libexpected-dev libspdlog-dev libcli11-dev libboost-dev libzip-dev libprotozero-dev libseccomp-dev nettle-dev zlib1g-dev libdnnl-dev libeigen3-dev
  libpng-dev libturbojpeg0-dev libsndfile1-dev
  graphviz dataset-fashion-mnist fonts-dejavu-core fonts-noto-cjk libgtest-dev xvfb clang-format-14
)

# Installs those of the list, and of the arguments, that are missing; asks for root only then.
lathe_install_packages() {
  local missing=() package
  for package in "${lathe_packages[@]}" "$@"; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2> /dev/null)" = installed ] || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return 0
  echo "Installing Debian packages: ${missing[*]}" >&2
  local root=()
  [ "$(id -u)" -eq 0 ] || root=(sudo)
  "${root[@]}" apt-get update -qq
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" > /dev/null
}
