/** What a run of tests came to. */
export interface TestResults {
  readonly passed: number;
  /** Of each test that failed, its full title and what it threw. */
  readonly failures: readonly string[];
}

interface Failed {
  fullTitle(): string;
}

/** The part of mocha's runner that is listened to: in the extension host it is not the mocha of the command line. */
interface Runner {
  readonly stats?: { readonly passes: number } | undefined;
  on(event: "fail", listener: (test: Failed, error: unknown) => void): unknown;
}

/** Listens to a run of mocha. What it returns is asked when the run has ended. */
export function collectResults(runner: Runner): () => TestResults {
  const failures: string[] = [];
  runner.on("fail", (test, error) => {
    const { message } = Object(error) as { message?: unknown };
    failures.push(`${test.fullTitle()}: ${typeof message === "string" ? message : String(error)}`);
  });
  return () => ({ passed: runner.stats?.passes ?? 0, failures });
}
