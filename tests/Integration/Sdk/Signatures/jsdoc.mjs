/**
 * @typedef {Object} Point
 * @property {number} x across
 * @property {number} [y] down
 */
/**
 * Adds.
 * @param {number} a First
 * @param {number} [b=5] Second
 * @returns {number}
 */
export function add(a, b = 5) { return a + b; }
/**
 * Obj.
 * @param {object} args
 * @param {string} args.name - The name
 * @param {number} [args.size=3] How big
 * @param {Point[]} args.points pts
 * @returns {Promise<Point>}
 */
export async function make({ name, size = 3, points }) { return points[0]; }
/** un */
export const un = (x, ctx) => x;
/** @param {"a"|"b"} mode
 * @param {?string} s */
export function* gen(mode, s) { yield 1; yield 2; }
/** desc
 * @param {{q: string, n?: number}} input the input */
export default function (input) { return input.q; }
