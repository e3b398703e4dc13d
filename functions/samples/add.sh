#!/usr/bin/env bash
# Adds two numbers.
# @name add
# @param a {number} The first number.
# @param b {number} The second number.
# @returns {number}
set -euo pipefail
awk -v a="$ARG_a" -v b="$ARG_b" 'BEGIN { print a + b }'
