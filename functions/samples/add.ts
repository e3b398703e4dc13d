/**
 * Adds two numbers.
 * @param a The first number.
 * @param b The second number.
 */
export default function add(a: number, b: number): number {
  return a + b;
}
