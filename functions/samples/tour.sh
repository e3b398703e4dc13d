#!/usr/bin/env bash
# Shows what a function can do beside returning.
# @name tour_shell
# @returns {object}
set -euo pipefail
ctx progress 1 2 begun
ctx log info "a line for the log"
ctx emit "a piece"
ctx checkpoint '{"at":1}'
who=$(ctx elicit "Who is there?" '{"type":"object","properties":{"name":{"type":"string"}}}')
export who
# What the script starts finds ctx as a program.
python3 - <<'END'
import json, os, subprocess

def ctx(*words):
    return subprocess.run(["ctx", *words], check=True, capture_output=True, text=True).stdout

place = {"message": "Where?", "requestedSchema": {"type": "object", "properties": {"place": {"type": "string"}}}}
answers = json.loads(ctx("ask", json.dumps({"where": {"method": "elicitation/create", "params": place}})))
print(json.dumps({
    "name": json.loads(os.environ["who"])["content"]["name"],
    "place": answers["where"]["content"]["place"],
    "sum": json.loads(ctx("call", "add", '{"a":1,"b":2}')),
    "secret": len(os.environ["TOUR_TOKEN"]),
}))
END
