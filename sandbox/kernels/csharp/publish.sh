#!/usr/bin/env bash
# Publishes the C# kernel once per content of its sources and prints the path of its folder.
# usage: publish.sh CACHE_FOLDER     makes CACHE_FOLDER/csharp-kernel/HASH/
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "$here/../../.." && pwd)
# shellcheck source=../../publish.sh
source "$top/sandbox/publish.sh"

case $(uname -m) in
  x86_64) rid=linux-x64 ;;
  aarch64) rid=linux-arm64 ;;
  *) echo "publish.sh: no .NET for $(uname -m)" >&2; exit 1 ;;
esac

publish() {
  # Compiled ahead of time, as the C# worker is: the compiler's first use would else be seconds of just-in-time compilation under gVisor.
  dotnet publish "$here" -c Release -r "$rid" --self-contained false -p:DebugType=none -p:PublishDocumentationFiles=false \
    --artifacts-path "$1/../build" -o "$1" -v quiet -nologo
}

by_content "${1:?usage: publish.sh CACHE_FOLDER}/csharp-kernel" sandbox/kernels/csharp sandbox/protocol
echo "$target"
