// The part of ssh2 (MIT) that this folder uses; ssh2 ships no types of its own.

declare module 'ssh2' {
  import type { EventEmitter } from 'node:events';
  import type { Duplex, Readable } from 'node:stream';

  interface ParsedKey {
    readonly type: string;
    getPublicSSH(): Buffer;
    isPrivateKey(): boolean;
  }
  interface Channel extends Duplex {
    readonly stderr: Readable;
    /** Asks the other side to close, which ends what runs there. */
    close(): void;
  }
  type Callback<T> = (error: Error | null | undefined, value: T) => void;
  type AuthMethod =
    | { readonly type: 'publickey'; readonly username: string; readonly key: ParsedKey }
    | { readonly type: 'agent'; readonly username: string; readonly agent: BaseAgent };
  interface Algorithms {
    readonly kex: readonly string[];
    readonly cipher: readonly string[];
    readonly hmac: readonly string[];
    readonly serverHostKey: readonly string[];
    readonly compress: readonly string[];
  }
  interface ConnectOptions {
    readonly host: string;
    readonly port: number;
    readonly username: string;
    readonly authHandler: readonly AuthMethod[];
    readonly algorithms: Algorithms;
    readonly hostVerifier: (key: Buffer) => boolean;
    readonly readyTimeout: number;
    readonly keepaliveInterval: number;
    readonly keepaliveCountMax: number;
  }
  class Client extends EventEmitter {
    connect(options: ConnectOptions): void;
    exec(
      script: string,
      options: { readonly env: Readonly<Record<string, string>> },
      callback: Callback<Channel>,
    ): void;
    end(): void;
    destroy(): void;
  }
  class BaseAgent {
    getIdentities(callback: Callback<ParsedKey[]>): void;
    sign(key: ParsedKey, data: Buffer, options: object, callback: Callback<Buffer>): void;
  }
  interface Ssh2 {
    readonly Client: typeof Client;
    readonly BaseAgent: typeof BaseAgent;
    createAgent(socket: string): BaseAgent;
    readonly utils: { parseKey(data: Buffer): ParsedKey | ParsedKey[] | Error };
  }
  const ssh2: Ssh2;
  export default ssh2;
  export type { AuthMethod, Channel, Client, ParsedKey, Ssh2 };
}
