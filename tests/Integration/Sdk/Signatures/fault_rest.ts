export function q(...a: number[]) { return 1; }
