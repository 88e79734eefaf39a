#!/usr/bin/env bash
# Sees to it that the programs which the tests drive are there: `debian.sh redis-server:redis-server …`, each a command
# and the Debian package that brings it. What is there is left alone. Root, or whoever may sudo without a
# password, gets it installed; anybody else gets it unpacked into a folder of their own, with a starter in its bin/
# that finds the libraries beside it. Tests look there too: programs.ts.
#
# Where nothing helps it says so and ends well: the tests that need the program say that they are skipped.
set -euo pipefail

readonly HOME_OF_PROGRAMS="${XDG_CACHE_HOME:-$HOME/.cache}/nestjs-wanpay/debian"

main() {
  local pair missing=()
  for pair in "$@"; do is_present "${pair%%:*}" || missing+=("$pair"); done
  ((${#missing[@]})) || return 0
  if ! command -v apt-get >/dev/null; then
    echo "No apt-get here to install ${missing[*]%%:*} with: install it yourself, and have it on the PATH." >&2
  elif [[ $(id -u) == 0 ]] || sudo -n true 2>/dev/null; then
    install "${missing[@]##*:}" || echo "apt-get could not install ${missing[*]##*:}." >&2
  else
    for pair in "${missing[@]}"; do
      unpack "${pair%%:*}" "${pair##*:}" || echo "Without root, ${pair##*:} could not be unpacked." >&2
    done
  fi
}

is_present() {
  # Servers are in a folder that is on the PATH of root alone.
  command -v "$1" >/dev/null || [[ -x /usr/sbin/$1 || -x $HOME_OF_PROGRAMS/bin/$1 ]]
}

install() {
  echo "Installing $* with apt-get, for the tests that drive it."
  local as_root=()
  [[ $(id -u) == 0 ]] || as_root=(sudo -n)
  "${as_root[@]}" apt-get update -qq &&
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

# apt with state of its own, which still knows what the machine has: only what is missing is downloaded.
unpack() {
  local command=$1 package=$2 root="$HOME_OF_PROGRAMS/$2" archives="$HOME_OF_PROGRAMS/apt/cache/archives" archive
  local apt=(apt-get -qq -o "Dir::State=$HOME_OF_PROGRAMS/apt/state" -o "Dir::Cache=$HOME_OF_PROGRAMS/apt/cache"
    -o Dir::State::status=/var/lib/dpkg/status -o Debug::NoLocking=true -o APT::Sandbox::User=)
  echo "Unpacking $package into $root, for the tests that drive it: this is not root, and may not sudo."
  mkdir -p "$HOME_OF_PROGRAMS"/apt/{state/lists,cache/archives}/partial "$HOME_OF_PROGRAMS/bin" "$root" &&
    "${apt[@]}" update &&
    "${apt[@]}" install -y --download-only --no-install-recommends "$package" || return 1
  for archive in "$archives"/*.deb; do dpkg -x "$archive" "$root" || return 1; done
  rm -rf "$HOME_OF_PROGRAMS/apt"
  starter "$root" "$command" >"$HOME_OF_PROGRAMS/bin/$command.new" && chmod +x "$HOME_OF_PROGRAMS/bin/$command.new" &&
    mv "$HOME_OF_PROGRAMS/bin/$command.new" "$HOME_OF_PROGRAMS/bin/$command"
}

# What a package puts into /usr/bin may be a script that names absolute paths (Chromium's is): past it to the program.
starter() {
  local root=$1 command=$2 program libraries
  program=$(find "$root/usr/lib" -name "$command" -type f -perm -u+x -print -quit)
  [[ -n $program ]] || program=$(find "$root/usr/bin" "$root/usr/sbin" -name "$command" -print -quit 2>/dev/null)
  libraries=$(find "$root/usr/lib" "$root/lib" -name '*.so*' -printf '%h\n' 2>/dev/null | sort -u | paste -sd:)
  cat <<STARTER
#!/bin/sh
export LD_LIBRARY_PATH="$libraries\${LD_LIBRARY_PATH:+:\$LD_LIBRARY_PATH}"
[ -d /etc/fonts ] || export FONTCONFIG_PATH="$root/etc/fonts" XDG_DATA_HOME="$root/usr/share"
exec "$program" "\$@"
STARTER
}

main "$@"
