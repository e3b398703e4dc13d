// docs/PROTOCOL.md, section 3: u32 length of what follows, u8 type, u32 call, payload; little-endian.

export const EXECUTE = 2, SHUTDOWN = 5, RESTORED = 6, INTERRUPT = 8, READY = 16, DONE = 19, EVENT = 21;
export const MAXIMUM_PAYLOAD = 64 * 1024 * 1024;
export const HEADER = 9;
export const AFTER_LENGTH = 5;
