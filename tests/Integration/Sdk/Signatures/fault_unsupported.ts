/** x */
export function q(a: Date) { return 1; }
