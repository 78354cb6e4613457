import assert from "node:assert/strict";
import { openWindowOfFile } from "./vs-code.ts";
import type { VsCodeWindow } from "./vs-code-window.ts";

const GOOD = `import { tensor } from "backstep";

const a = tensor([1, 2], { requiresGrad: true });
const loss = a.mul(a).sum();
loss.backward();
`;

interface BadFile {
  readonly title: string;
  readonly source: string;
  /** What the message says. */
  readonly message: RegExp;
  /** Line and column of the entry in the Problems view. */
  readonly place: readonly [line: number, column: number] | null;
}

const HEAD = 'import { randn, tensor } from "backstep";\n';

const FILES: readonly BadFile[] = [
  {
    title: "a syntax error",
    source: `${HEAD}const x = randn([2, 3] { requiresGrad: true });\n`,
    message: /',' expected/,
    place: [2, 24],
  },
  {
    title: "a missing import",
    source: `${HEAD}import { nothing } from "./nowhere.ts";\nconsole.log(nothing, randn, tensor);\n`,
    message: /nowhere/,
    place: [2, 25],
  },
  {
    title: "a thrown exception",
    source: `${HEAD}function unlucky(): never {\n  throw new Error("no luck today");\n}\nrandn([1]);\nunlucky();\n`,
    message: /no luck today/,
    place: [3, 9],
  },
  {
    title: "an unhandled rejection",
    source: `${HEAD}randn([1]);\nvoid Promise.reject(new Error("nobody waits"));\n`,
    message: /nobody waits/,
    place: [3, 21],
  },
  {
    title: "a shape error",
    source: `${HEAD}const x = randn([2, 3]);\nconst w = randn([4, 3]);\nx.matmul(w);\n`,
    message: /matmul.*\[2, 3\].*\[4, 3\]/,
    place: [4, 3],
  },
  {
    title: "a file that never calls backward()",
    source: `${HEAD}const x = randn([2, 3], { requiresGrad: true });\nx.sum();\n`,
    message: /never called backward\(\)/,
    place: null,
  },
  {
    title: "a stack overflow",
    source: `${HEAD}const down = (n: number): number => down(n + 1) + 1;\nrandn([1]);\ndown(0);\n`,
    message: /call stack/i,
    place: null,
  },
  {
    title: "an exhausted heap",
    source: `${HEAD}const hoard: number[][] = [];\nrandn([1]);\nfor (;;) hoard.push(new Array(1e6).fill(hoard.length));\n`,
    message: /memory/i,
    place: null,
  },
  {
    title: "process.exit",
    source: `${HEAD}randn([1]);\nprocess.exit(3);\n`,
    message: /exit/,
    place: null,
  },
];

const LOOPS = [
  ["an endless loop", "for (;;);"],
  ["a flood of output", 'for (let i = 0; ; i++) console.log("line", i);'],
] as const;

function fileOf(title: string): string {
  return `${title.replaceAll(/\W+/g, "-")}.ts`;
}

async function run(window: VsCodeWindow, name: string): Promise<void> {
  await window.openFile(name);
  // F5 is Backstep's as soon as it has seen that the file imports it: its button tells.
  await window.page
    .getByRole("button", { name: /Debug Gradients/ })
    .first()
    .waitFor();
  await window.key("F5");
}

// All in one window, as people have it: whatever a file did, the next one runs.
describe("Files that cannot be run", function () {
  this.timeout(120_000);
  let window: VsCodeWindow;

  before(async () => {
    const loops = LOOPS.map(([title, body]) => [fileOf(title), `${HEAD}randn([1]);\n${body}\n`]);
    const bad = FILES.map(({ title, source }) => [fileOf(title), source]);
    window = await openWindowOfFile({
      files: { "good.ts": GOOD, ...(Object.fromEntries([...bad, ...loops]) as Record<string, string>) },
      // The Problems view then shows what Backstep says alone.
      settings: { "typescript.validate.enable": false },
    });
  });

  afterEach(async () => {
    await window.command("Notifications: Clear All Notifications");
    await window.command("View: Close All Editors");
  });

  for (const { title, message, place } of FILES) {
    it(`say what is wrong: ${title}`, async () => {
      await run(window, fileOf(title));
      // Memory is filled as fast as the machine gives it out.
      await window.notification(message).first().waitFor({ timeout: 90_000 });
      await window.debugEnded();
      const rows = await window.problems();
      const row = rows.filter({ hasText: message }).first();
      await row.waitFor();
      const text = await row.innerText();
      if (place) assert.match(text, new RegExp(`Ln ${place[0]}, Col ${place[1]}`));
      assert.doesNotMatch(text, /engine-process|node:internal/);
      await window.screenshot(`bad-${title}`);
      await window.deleteFile(fileOf(title));
      await row.waitFor({ state: "detached" });
    });
  }

  for (const [title] of LOOPS) {
    it(`can be stopped: ${title}`, async () => {
      await run(window, fileOf(title));
      await window.page.locator(".debug-toolbar").waitFor({ timeout: 20_000 });
      await window.screenshot(`busy-${title}`);
      await window.key("Shift+F5");
      await window.debugEnded();
    });
  }

  it("leave the window fit for a file that can", async () => {
    await run(window, "good.ts");
    await window.page.locator(".debug-top-stack-frame-line").first().waitFor();
    await window.key("Shift+F5");
    await window.debugEnded();
  });
});
