#!/usr/bin/env bash
# Runs the test projects one after the other, prints the time of each, and closes with the sum of all.
#   tests/run.sh [--long] [--only Unit|Integration|EndToEnd] [-- runner options]
# A skip whose reason does not begin with a line of tests/allowed-skips.txt counts as a failure.
set -uo pipefail

root=$(cd "$(dirname "$(readlink -f "$0")")/.." && pwd)
out="$root/.build/tests"
groups=(Unit Integration EndToEnd)
filter=(-trait- Category=Long)
while [ $# -gt 0 ]; do
  case "$1" in
    --long) filter=(); shift ;;
    --only) groups=("$2"); shift 2 ;;
    --) shift; break ;;
    *) echo "tests: unknown option $1 (known: --long, --only GROUP, -- runner options)" >&2; exit 2 ;;
  esac
done

mkdir -p "$out"
passed=0 failed=0 skipped=0 status=0 failures=()
started=$SECONDS
if ! dotnet build "$root/ToolRuntime.sln" -c Release -v q -clp:NoSummary >"$out/build.log" 2>&1; then
  grep -E 'error' "$out/build.log" | sort -u | head -20
  echo "the tests do not build; the whole log is .build/tests/build.log"
  echo "0 passed, 1 failed, 0 skipped"
  exit 1
fi
echo "build: $((SECONDS - started)) s"
for group in "${groups[@]}"; do
  started=$SECONDS
  report="$out/$group.xml"
  rm -f "$report"
  "$root/tests/$group/bin/Release/net10.0/ToolRuntime.Tests.$group" -noColor -noLogo -longRunning 60 "${filter[@]}" -xml "$report" "$@" | tee "$out/$group.log" | grep -vE '^ *(Discover|Starting|Finished)' || true
  if [ ! -s "$report" ]; then
    echo "$group: the runner ended without a report"
    failed=$((failed + 1)) status=1
    continue
  fi
  p=$(grep -o ' result="Pass"' "$report" | wc -l)
  f=$(grep -o ' result="Fail"' "$report" | wc -l)
  s=$(grep -o ' result="Skip"' "$report" | wc -l)
  errors=$(grep -o '<error ' "$report" | wc -l)
  while IFS= read -r reason; do
    [ -z "$reason" ] && continue
    if ! grep -v '^#' "$root/tests/allowed-skips.txt" | awk -v r="$reason" 'length($0) && index(r, $0) == 1 { found = 1 } END { exit !found }'; then
      echo "$group: skipped without leave: $reason"
      f=$((f + 1)) s=$((s - 1))
    else
      echo "$group: skipped: $reason"
    fi
  done < <(grep -o '<reason><!\[CDATA\[[^]]*' "$report" | sed 's/^<reason><!\[CDATA\[//')
  f=$((f + errors))
  passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
  if [ "$f" -gt 0 ]; then
    status=1
    failures+=("$out/$group.log")
  fi
  echo "$group: $p passed, $f failed, $s skipped in $((SECONDS - started)) s"
done

# Again what failed, 30 lines of each: the end of a log is what is read first, and often all that is kept of it.
[ ${#failures[@]} -eq 0 ] ||
  awk '/^ ? ? ? ?[^ ]/ { left = / \[FAIL\]$/ ? 30 : 0 } left-- > 0' "${failures[@]}"
[ "$passed" -gt 0 ] || status=1
echo "$passed passed, $failed failed, $skipped skipped"
exit $status
