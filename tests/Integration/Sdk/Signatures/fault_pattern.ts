export function q([a, b]: [number, number]) { return a + b; }
