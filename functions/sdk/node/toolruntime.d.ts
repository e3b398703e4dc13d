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
    step<T>(name: string, run: () => T | Promise<T>): Promise<T>;
    readonly state: State & { readonly tenant: State };
    readonly mailbox: Mailbox;
    elicit(message: string, schema?: object): Promise<{ action: 'accept' | 'decline' | 'cancel'; content?: any }>;
    ask(requests: Record<string, { method: string; params?: object }>): Promise<Record<string, any>>;
    image(data: Uint8Array | string, mimeType?: string): Content;
    audio(data: Uint8Array | string, mimeType?: string): Content;
    text(text: string): Content;
    content(block: object): Content;
  }

  export interface State {
    get(key: string): Promise<any>;
    entry(key: string): Promise<{ value?: any; revision: number; expires?: string }>;
    put(key: string, value: unknown, options?: { ttl?: number; ifRevision?: number }): Promise<number>;
    delete(key: string, options?: { ifRevision?: number }): Promise<boolean>;
    list(prefix?: string): Promise<{ key: string; revision: number; expires?: string }[]>;
  }

  export interface Message {
    readonly id: string;
    readonly body: any;
    readonly from: string;
    readonly sent: string;
    readonly deliveries: number;
    readonly replyTo?: string;
    ack(): Promise<boolean>;
    reply(body: unknown): Promise<void>;
  }

  export interface Mailbox {
    send(to: string, body: unknown, options?: { key?: string; ttl?: number }): Promise<string>;
    receive(name: string, options?: { max?: number; wait?: number; lease?: number }): Promise<Message[]>;
    request(to: string, body: unknown, options?: { timeout?: number; key?: string }): Promise<any>;
  }

  export interface Content {
    readonly block: object;
  }
}
