/**
 * Gives a number that depends on n, so that no answer can come from a cache.
 * @param {number} n Any number.
 * @returns {string}
 */
export default function mix(n) {
  return `m${n * 7919 + 12345}m`;
}
