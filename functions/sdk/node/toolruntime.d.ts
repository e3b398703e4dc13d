/** Types for the parameter `ctx`: `import type { Context } from 'toolruntime'` is erased before the function runs. */
declare module 'toolruntime' {
  export interface Context {
    readonly invocation: string;
    readonly session: string;
    readonly function: string;
    readonly tool: string;
    readonly tenant: string;
    readonly attempt: number;
    readonly traceparent?: string;
    readonly previousCheckpoint?: unknown;
    readonly signal: AbortSignal;
    readonly cancelled: boolean;
    readonly secondsLeft?: number;
    readonly tools: {
      list(): Promise<{ name: string; description?: string; inputSchema: object }[]>;
      call(name: string, args?: object): Promise<any>;
    };
    progress(progress: number, total?: number, message?: string): void;
    log(text: string, level?: string): void;
    emit(value: unknown): void;
    checkpoint(state: unknown): void;
    elicit(message: string, schema?: object): Promise<{ action: 'accept' | 'decline' | 'cancel'; content?: any }>;
    ask(requests: Record<string, { method: string; params?: object }>): Promise<Record<string, any>>;
    image(data: Uint8Array | string, mimeType?: string): Content;
    audio(data: Uint8Array | string, mimeType?: string): Content;
    text(text: string): Content;
    content(block: object): Content;
  }

  export interface Content {
    readonly block: object;
  }
}
