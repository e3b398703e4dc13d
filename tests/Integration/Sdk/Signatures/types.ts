import type { Context } from 'toolruntime';
/** Colours. */
enum Color { Red = "red", Blue = "blue" }
interface Node {
  /**
   * What it holds.
   * @minimum 1
   */
  value: number;
  children?: Node[];
  tag?: 'a' | 'b' | null;
}
type Box<T> = { item: T };
/** Adds two.
 *
 * More.
 * @param a The first - yes.
 * @param b - The second.
 * @returns sum
 */
export function add(a: number, b: number = 2): number { return a + b; }
/** Search. */
export default async function search({ query, limit = 10, color }: { /** what to find */ query: string; limit?: number; color?: Color }, ctx: Context): Promise<{ hits: Node[]; more: boolean }> { return { hits: [], more: false }; }
export async function* count(n: number): AsyncGenerator<number> { for (let i = 0; i < n; i++) yield i; }
export function mix(a: string | number, b: Record<string, number>, c: Partial<Node>, d: [number, string?], e: readonly string[], f: boolean | null, g: Box<string>, h: Color, i: unknown, j?: Pick<Node,'value'>): Map<string, Date> { return new Map(); }
export const arrow = (opts: { x: number }) => ({ y: opts.x, when: new Date() });
