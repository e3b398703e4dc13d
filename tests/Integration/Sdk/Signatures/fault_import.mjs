import x from 'left-pad';
export function a() { return x; }
