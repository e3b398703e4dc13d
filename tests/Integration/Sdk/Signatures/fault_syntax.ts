export function a(x: number) {
  return x +;
}
