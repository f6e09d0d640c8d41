import type { ServerCertificate } from "./certificates.ts";

/** A broker for tests, with a life and a death. */
export interface TestBroker {
  readonly kind: "postgres" | "redis";
  /** Without the password. */
  readonly url: string;
  readonly password: string;
  /** The folder in which it keeps what it is told. */
  readonly data: string;
  /** Again, on the same data and port. */
  start(): Promise<void>;
  /** SIGKILL. */
  kill(): Promise<void>;
  close(): Promise<void>;
}

export interface ServerSettings {
  /** Of a server for localhost that takes connections over TLS alone. */
  readonly tls?: ServerCertificate;
}
