/** Work that a page leaves to a worker, so that the page never freezes and what was typed runs nowhere else. */

export interface Failure {
  readonly message: string;
  /** Of what was typed, from 1 on, where it is known. */
  readonly line?: number;
}
/** What a worker posts. */
export type Answer<Result, Progress> =
  | { readonly progress: Progress }
  | { readonly result: Result }
  | { readonly failure: Failure };

export class TaskFailure extends Error {
  readonly line: number | undefined;

  constructor({ message, line }: Failure) {
    super(message);
    this.line = line;
  }
}

export interface Task<Result> {
  readonly result: Promise<Result>;
  /** Ends the worker at once; the result is then a failure. */
  stop(why: string): void;
}

/** Hands `request` to a new worker and ends the worker when it has answered, or after `seconds`. */
export function startTask<Result, Progress = string>(
  create: () => Worker,
  request: unknown,
  seconds: number,
  onProgress: (progress: Progress) => void = () => {},
): Task<Result> {
  const worker = create();
  let settle: (run: () => void) => void = () => {};
  let reject: (error: Error) => void = () => {};
  const result = new Promise<Result>((resolve, rejectResult) => {
    reject = rejectResult;
    const timer = setTimeout(() => stop(`stopped after ${seconds} s without a result`), seconds * 1000);
    settle = (run) => {
      clearTimeout(timer);
      worker.terminate();
      run();
    };
    worker.onmessage = ({ data }: MessageEvent<Answer<Result, Progress>>) => {
      if ("progress" in data) onProgress(data.progress);
      else if ("result" in data) settle(() => resolve(data.result));
      else settle(() => rejectResult(new TaskFailure(data.failure)));
    };
    worker.onerror = (event) => {
      event.preventDefault();
      settle(() => rejectResult(new TaskFailure({ message: event.message || "the worker could not start" })));
    };
    worker.postMessage(request);
  });
  function stop(why: string): void {
    settle(() => reject(new TaskFailure({ message: why })));
  }
  return { result, stop };
}

/** In a worker: answers every request by `work`; an error becomes a failure with its message. */
export function serveTasks<Request, Result, Progress = string>(
  work: (request: Request, progress: (done: Progress) => void) => Result | Promise<Result>,
  describe: (error: unknown) => Failure = (error) => ({ message: messageOf(error) }),
): void {
  self.onmessage = async ({ data }: MessageEvent<Request>) => {
    const post = (answer: Answer<Result, Progress>): void => self.postMessage(answer);
    try {
      post({ result: await work(data, (progress) => post({ progress })) });
    } catch (error) {
      post({ failure: describe(error) });
    }
  };
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
