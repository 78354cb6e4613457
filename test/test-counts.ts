/** How many tests of a run did what. */
export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
}
