#!/usr/bin/env bash
# Gives a number that depends on n, so that no answer can come from a cache.
# @name mix
# @param n {integer} Any number.
# @returns {string}
echo "m$((ARG_n * 7919 + 12345))m"
