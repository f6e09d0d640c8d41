/** A broker for tests, with a life and a death. */
export interface TestBroker {
  readonly kind: "postgres" | "redis";
  /** Without the password. */
  readonly url: string;
  readonly password: string;
  /** Again, on the same data and port. */
  start(): Promise<void>;
  /** SIGKILL. */
  kill(): Promise<void>;
  close(): Promise<void>;
}
