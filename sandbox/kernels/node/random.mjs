// After a restore from a checkpoint Math.random must not repeat what another copy draws; V8's own generator cannot be reseeded.

/** Takes over Math.random with a generator of the host's seed. */
export function reseed({ seed }) {
  const bytes = Buffer.from(seed, 'base64');
  const state = [0, 4, 8, 12].map((at) => bytes.readUInt32LE(at));
  // xoshiro128**: Blackman and Vigna, 2018.
  const next = () => {
    const result = Math.imul(rotate(Math.imul(state[1], 5), 7), 9) >>> 0;
    const shifted = state[1] << 9;
    state[2] ^= state[0];
    state[3] ^= state[1];
    state[1] ^= state[2];
    state[0] ^= state[3];
    state[2] ^= shifted;
    state[3] = rotate(state[3], 11);
    return result;
  };
  Math.random = () => ((next() >>> 5) * 0x4000000 + (next() >>> 6)) / 0x20000000000000;
}

function rotate(value, by) {
  return (value << by) | (value >>> (32 - by));
}
