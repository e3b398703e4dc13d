export function a(x) {
  return x +;
}
