#!/usr/bin/env bash
# Publishes the agent once per content of its sources and prints the path of the executable.
# usage: publish.sh CACHE_FOLDER     makes CACHE_FOLDER/agent/HASH/agent
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "$here/../.." && pwd)
# shellcheck source=../publish.sh
source "$top/sandbox/publish.sh"

publish() {
  dotnet publish "$here" -c Release -o "$1/../published" -v quiet -nologo
  mv "$1/../published/agent" "$1/agent"
  chmod 0755 "$1/agent"
}

by_content "${1:?usage: publish.sh CACHE_FOLDER}/agent" sandbox/agent sandbox/protocol
echo "$target/agent"
