/**
 * Adds two numbers.
 * @param {number} a The first number.
 * @param {number} b The second number.
 * @returns {number}
 */
export default function add(a, b) {
  return a + b;
}
