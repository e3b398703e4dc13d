# Publishes what runs inside sandboxes once per content of its sources. Sourced by the publish.sh of each of them, which defines
#   publish FOLDER      fills the empty folder FOLDER
# and then calls
#   by_content CACHE SOURCE...      makes CACHE/HASH where it is missing, and sets target to it; SOURCE is below the top folder
by_content() {
  local cache=$1 hash work
  shift
  hash=$(cd "$top" && { find "$@" sandbox/publish.sh Directory.Build.props Directory.Packages.props -type f \
    -not -path '*/bin/*' -not -path '*/obj/*' -not -name '*.md' -print0 | LC_ALL=C sort -z | xargs -0 sha256sum; uname -m; } | sha256sum | cut -c1-20)
  target=$cache/$hash
  [ -d "$target" ] && return
  mkdir -p "$cache"
  exec 9>"$cache/.lock"
  flock 9
  if [ ! -d "$target" ]; then
    work=$(mktemp -d "$cache/.publish.XXXXXX")
    # shellcheck disable=SC2064
    trap "rm -rf '$work'" EXIT
    mkdir "$work/out"
    publish "$work/out" >&2
    chmod -R a+rX "$work/out"
    mv "$work/out" "$target"
  fi
  flock -u 9
}
