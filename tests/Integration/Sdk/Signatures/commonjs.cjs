/**
 * Twice.
 * @param {number} n
 */
function twice(n) { return n * 2; }

module.exports = {
  twice,
  /**
   * Half.
   * @param {number} n The number.
   * @returns {number}
   */
  half(n) { return n / 2; },
};
