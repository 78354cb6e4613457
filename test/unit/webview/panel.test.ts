import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { Browser, Page } from "playwright-core";
import type { Panel } from "../../../engine/protocol/panel.ts";
import { launchChromium } from "../../e2e/chromium.ts";
import { serveWebview } from "../../webview-harness/serve.ts";

interface Harness {
  readonly engine: object;
  died(): void;
  die(): void;
  answer(): void;
}

/** The panel in a real browser, over the synthetic engine of test/webview-harness. */
describe("the panel in a browser", function () {
  this.timeout(60_000);
  let server: Awaited<ReturnType<typeof serveWebview>>;
  let browser: Browser;
  let page: Page;
  const errors: string[] = [];

  before(async () => {
    server = await serveWebview();
    browser = await launchChromium();
  });
  after(async () => {
    await browser.close();
    await server.close();
  });
  afterEach(async () => {
    await page.close();
    assert.deepEqual(errors.splice(0), []);
  });

  async function open(query: string, width = 1280): Promise<void> {
    page = await browser.newPage({ viewport: { width, height: 800 }, reducedMotion: "reduce" });
    page.on("pageerror", (error) => errors.push(error.message));
    await page.goto(`${server.url}?${query}`);
    await page.waitForSelector(".card, .pane", { state: "attached" });
  }

  const crumb = (): Promise<string> => page.locator(".crumbs").innerText();
  const step = async (name: string, position: number): Promise<void> => {
    await page.keyboard.press(name);
    await page.waitForSelector(`.strip[aria-valuenow="${String(position)}"]`);
  };

  it("steps both ways, and only recolours", async () => {
    await open("tape=mlp&step=4");
    await page.waitForSelector(".card.current", { state: "attached" });
    const places = (): Promise<string[]> =>
      page.$$eval(".card", (cards) => cards.map((card) => `${card.id} ${card.getAttribute("style") ?? ""}`));
    const before = await places();
    await step(".", 15);
    await step(".", 16);
    await step(",", 15);
    assert.deepEqual(await places(), before);
    await step("Home", 10);
    assert.equal(await page.locator(".card.current .name").textContent(), "nllLoss");
    await step("End", 20);
    assert.equal(await page.locator(".card.current").count(), 0);
  });

  it("says what it reads until the first node's numbers have come", async () => {
    await open("tape=mlp&step=4&inspected=late");
    await page.locator(".inspector > p", { hasText: /^Reading \S/ }).waitFor();
    await page.evaluate(() => (window as unknown as { harness: Harness }).harness.answer());
    await page.waitForSelector(".inspector .statistics");
  });

  it("fills the inspector on a click, and moves the cursor on Enter", async () => {
    await open("tape=mlp&step=2");
    await page.locator("#node-6").click();
    await page.waitForSelector('.head:has-text("h1")');
    assert.match(await crumb(), /relu\s*h1/);
    assert.equal(await page.locator(".strip").getAttribute("aria-valuenow"), "12");
    await page.locator("svg.drawing").focus();
    await page.keyboard.press("Enter");
    await page.waitForSelector('.strip[aria-valuenow="17"]');
  });

  it("keeps the opened card where it was on the screen", async () => {
    await open("tape=mlp&step=4");
    const card = page.locator(".card.group", { hasText: "fc2" });
    const before = await card.boundingBox();
    const id = await card.getAttribute("id");
    await card.locator(".toggle").click();
    const frame = page.locator(`#${id ?? ""}.frame`);
    await frame.waitFor();
    const after = await frame.locator("rect.body").first().boundingBox();
    assert.ok(before && after);
    assert.ok(Math.abs(after.x - before.x) < 6 && Math.abs(after.y - before.y) < 6, JSON.stringify({ before, after }));
  });

  it("walks edges with the arrow keys", async () => {
    await open("tape=mlp&step=4");
    const selected = (text: string) => page.locator(".card.selected", { hasText: text }).first().waitFor();
    await selected("h2");
    await page.locator("svg.drawing").focus();
    await page.keyboard.press("ArrowUp");
    await selected("fc2");
    await page.keyboard.press("ArrowUp");
    await selected("h1");
    await page.keyboard.press("ArrowDown");
    await selected("fc2");
  });

  it("finds what a closed group hides", async () => {
    await open("tape=mlp&step=0");
    await page.keyboard.press("/");
    await page.keyboard.type("module:fc1 op:matmul");
    await page.keyboard.press("Enter");
    await page.waitForSelector(".card.selected .name:text('matmul')");
    assert.equal(await page.locator("#search-status").textContent(), "1 / 1");
  });

  it("says what is wrong with the training, lists it with its evidence, and lets a fix be tried", async () => {
    await open("tape=mlp&step=4&findings=shown");
    const strip = page.locator(".headline");
    await strip.getByText("crossEntropy runs a softmax itself").waitFor();
    assert.doesNotMatch(await strip.innerText(), /Pass it the scores/);
    await strip.getByRole("button", { name: "Show 2 findings" }).click();
    const first = page.locator(".findings li").first();
    assert.match(await first.innerText(), /Pass it the scores from before softmax\./);
    assert.match(await first.innerText(), /classes\s*3\b/);
    assert.match((await first.locator("svg.sparkline").getAttribute("aria-label")) ?? "", /^Loss over 4 passes/);
    await first.getByRole("button", { name: "Show in the graph" }).click();
    await page.locator(".card.selected", { hasText: "h1" }).first().waitFor();
    for (const name of ["Edit the file", "Try it without editing", "Why is this a fault?"])
      await first.getByRole("button", { name }).click();
    const key = "softmax-into-cross-entropy /models/digits-mlp.ts:12:9";
    await page.waitForFunction(
      (wanted) => (window as unknown as { harness: { log: string[] } }).harness.log.includes(wanted),
      `finding explain ${key}`,
    );
    const log = await page.evaluate(() => (window as unknown as { harness: { log: string[] } }).harness.log);
    assert.deepEqual(
      log.filter((line) => line.startsWith("finding ")),
      [`finding apply ${key}`, `finding try ${key}`, `finding explain ${key}`],
    );
  });

  it("puts a gradient that is not finite before a finding, and shows both courses of a trial", async () => {
    await open("tape=mlp&step=4&numbers=infinite&findings=tried");
    const trial = page.locator(".findings .trial");
    await trial.locator("svg").nth(1).waitFor();
    assert.match(await trial.innerText(), /The finding is gone with the fix/);
    assert.doesNotMatch(await page.locator(".headline").innerText(), /crossEntropy runs a softmax/);
  });

  it("says where a file fails with a fix, beside both courses as far as they go", async () => {
    await open("tape=mlp&step=4&findings=failed");
    const trial = page.locator(".findings .trial");
    await trial.locator("path.curve.with").waitFor();
    const text = await trial.innerText();
    assert.match(text, /With the fix the file fails after 20 passes: Error: no more data \(digits-mlp\.ts:12\)\./u);
    assert.match(text, /loss 1\.12 → .* in 20 passes/u);
    assert.match(text, /Nothing was edited\./u);
    const [without, shown] = await trial
      .locator("path.curve")
      .evaluateAll((all) => all.map((path) => (path as SVGPathElement).getBBox().width));
    assert.ok(Math.abs(without! / shown! - 3) < 0.2, `${without} ${shown}`);
  });

  it("shows the course of a run, whose passes can be read, zoomed into and gone to", async () => {
    await open("tape=mlp&step=4&training=300");
    const view = page.locator(".training");
    const plot = view.getByRole("slider", { name: "Pass of the training" });
    await plot.locator("canvas").waitFor();
    assert.equal(await view.locator(".curve").count(), 2);
    assert.equal(await view.locator(".map .name").count(), 6);
    assert.equal(await view.locator(".marks .bad").count(), 1);
    assert.ok((await view.locator("table tr").count()) > 10);
    await page.mouse.move(2, 2);
    await plot.focus();
    for (const key of ["Home", "ArrowRight", "ArrowDown"]) await page.keyboard.press(key);
    await view.locator(".readout", { hasText: /^pass 2 · loss .* · critic .* · fc1\.weight gradient norm/ }).waitFor();
    const box = await plot.boundingBox();
    assert.ok(box);
    await page.mouse.move(box.x + box.width / 2, box.y + 10);
    await page.mouse.down();
    // Beyond the edge, which is as far as the passes go.
    await page.mouse.move(box.x + box.width + 8, box.y + 10, { steps: 3 });
    await page.mouse.up();
    await view.getByRole("button", { name: "all passes" }).waitFor();
    await page.waitForFunction(() => Number(document.querySelector(".plot")?.getAttribute("aria-valuemax")) < 160);
    await plot.focus();
    await page.keyboard.press("Home");
    await view.locator(".readout", { hasText: /^pass 15[01] / }).waitFor();
    await page.keyboard.press("Escape");
    await page.waitForFunction(() => Number(document.querySelector(".plot")?.getAttribute("aria-valuemax")) > 160);
    await view.getByRole("button", { name: "Hide the training" }).click();
    await view.waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Training: curves of all passes" }).click();
    await view.waitFor();
  });

  it("compares with finite differences, and shows the evidence", async () => {
    await open("tape=mlp&step=1");
    await page.locator(".toolbar vscode-button").click();
    await page.waitForSelector(".counts .fail");
    await page.waitForSelector(".evidence");
    const text = await page.locator(".evidence").innerText();
    for (const word of ["analytic", "numeric", "step", "ratio"]) assert.match(text, new RegExp(word));
    assert.match(await page.locator(".inspector").innerText(), /A constant factor is off/);
  });

  it("shows a parameter's gradient, finite differences and what is between them on the same slice", async () => {
    await open("tape=mlp&step=10");
    const bias = page.locator(".parameters button", { hasText: "fc3.bias" });
    await bias.click();
    await page.waitForSelector(".heat");
    assert.equal(await page.locator(".tabs").count(), 0);
    await page.locator(".toolbar vscode-button").click();
    // A comparison that finds something wrong shows that.
    await page.waitForSelector(".evidence");
    await bias.click();
    const numeric = page.getByRole("tab", { name: "numeric" });
    await numeric.click();
    await page.waitForSelector('[role="tab"][aria-selected="true"]:text("numeric")');
    await page.locator(".heat canvas").click({ position: { x: 1, y: 1 } });
    // Under the pointer other numbers are shown.
    await page.mouse.move(0, 0);
    await page.waitForSelector('.heat .pairs :text("error bar")');
  });

  it("compares the gradient of one op, and picks the element that differs most", async () => {
    await open("tape=mlp&step=30");
    await page.locator("#node-6").click();
    await page.getByRole("button", { name: "compare", exact: true }).click();
    await page.waitForSelector(".compared circle");
    assert.equal(await page.locator(".compared circle").count(), 64);
    const [first] = await page.locator(".compared tbody button").allInnerTexts();
    await page.locator(".compared tbody button").first().click();
    await page.waitForSelector(`.heat :text("${first!}")`);
    assert.equal(await page.getByRole("tab", { name: "numeric" }).count(), 1);
  });

  it("lights the way of a contribution, also where nodes are blocks", async () => {
    await open("tape=mlp&step=30");
    await page.locator("#node-6").click();
    const contribution = page.locator(".inspector ul.plain li", { hasText: "‖·‖" }).first();
    await contribution.hover();
    await page.waitForSelector(".edges .lit .line", { state: "attached" });
    await page.locator("svg.drawing").focus();
    while (!/^[12]?\d %$/.test(await page.locator(".zoom-controls .mono").innerText())) await page.keyboard.press("-");
    await page.waitForFunction(() => document.querySelector(".card") === null);
    await contribution.hover();
    await page.waitForSelector(".edges .lit .line", { state: "attached" });
  });

  it("asks a lesson's question at its stop, answers it when asked, and lights up what a formula's terms stand for", async () => {
    await open("tape=scalar&step=0&lesson=yes");
    await page.getByRole("button", { name: /To the question at line/ }).click();
    await page.waitForSelector('.lesson-question:text("What does d get?")');
    assert.equal(await page.locator(".lesson-answer").count(), 0);
    await page.getByRole("button", { name: "Show the answer" }).click();
    await page.waitForSelector('.lesson-answer:text("As much as e: all of it.")');
    const term = page.locator(".formula [data-node]").first();
    await term.hover();
    await page.waitForSelector(".scalar.lit");
    const log = (): Promise<string[]> =>
      page.evaluate(() => (window as unknown as { harness: { log: string[] } }).harness.log);
    assert.match((await log()).slice(-1).join(), /^light \d+$/);
    await page.mouse.move(2, 2);
    await page.waitForSelector(".scalar.lit", { state: "detached" });
    assert.equal((await log()).at(-1), "light ");
    await page.keyboard.press("End");
    await page.getByRole("button", { name: "Lesson 3" }).click();
    await page.waitForFunction(() =>
      (window as unknown as { harness: { log: string[] } }).harness.log.includes("command nextLesson"),
    );
  });

  it("exports a page that can be stepped, searched and opened by group by itself, under a policy of its own", async () => {
    await open("tape=mlp&step=2");
    await page.waitForSelector(".card.current", { state: "attached" });
    await page.locator("summary[aria-label='Export the graph']").click();
    await page.getByRole("button", { name: "HTML page to step through" }).click();
    const exported = await page.waitForFunction(() => {
      const { saved } = (window as unknown as { harness: { saved: Map<string, Uint8Array> } }).harness;
      const [data] = saved.values();
      return data && new TextDecoder().decode(data);
    });
    const html = String(await exported.jsonValue());
    assert.ok(!html.includes("/models/"), "an absolute path");
    await page.close();
    page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    page.on("pageerror", (error) => errors.push(error.message));
    page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
    await page.goto(`data:text/html;base64,${Buffer.from(html).toString("base64")}`);
    await page.waitForSelector('#status:text("backward 3 of")');
    await page.getByRole("button", { name: "Step", exact: true }).click();
    await page.waitForSelector('#status:text("backward 4 of")');
    await page.keyboard.press(",");
    await page.keyboard.press("End");
    await page.waitForSelector('#status:text("every gradient has arrived")');
    await page.keyboard.press("Home");
    await page.waitForSelector("section.shown");
    await page.waitForSelector(".now", { state: "attached" });
    await page.keyboard.press("/");
    await page.keyboard.type("matmul");
    await page.waitForSelector('#hits:text("node")');
    await page.locator("li[data-name*=matmul]:not([hidden]) > button").first().click();
    assert.match(await page.locator("section.shown").innerText(), /matmul/);
    assert.ok((await page.locator("nav details[open]").count()) > 0);
  });

  it("opens its help at the beginning", async () => {
    await open("tape=mlp&step=1");
    await page.setViewportSize({ width: 640, height: 300 });
    await page.locator("svg.drawing").focus();
    await page.keyboard.press("?");
    const help = page.getByRole("dialog", { name: "Keyboard shortcuts" });
    await help.waitFor();
    assert.deepEqual(await help.evaluate((dialog) => [dialog.scrollTop, dialog.scrollHeight > dialog.clientHeight]), [
      0,
      true,
    ]);
    await page.keyboard.press("Escape");
    await help.waitFor({ state: "hidden" });
  });

  it("colours by time, of a group all of it", async () => {
    await open("tape=mlp&step=4");
    await page.getByLabel("Colour by").selectOption("time");
    await page.waitForSelector('.legend :text("run again")');
    await page.locator(".card", { hasText: /[µm]s/u }).nth(3).waitFor({ state: "attached" });
  });

  it("colours what differs from another recording, names the first difference with both lines, and lists what that alone has", async () => {
    await open("tape=mlp&step=4");
    await page.evaluate(() =>
      (window as unknown as { harness: { panel: Panel } }).harness.panel.compareWith("other.backstep", null),
    );
    const note = page.getByRole("status", { name: "Comparison of two passes" });
    assert.match(
      await note.innerText(),
      /17 of 19 nodes differ, 1 of them in the other alone\. First: relu h1 differs by 0\.250 of its norm\./u,
    );
    assert.deepEqual(await note.locator("button.link").allInnerTexts(), [
      "Show in the graph",
      "digits-mlp.ts:12",
      "digits-wider.ts:14",
    ]);
    assert.equal(await page.getByLabel("Colour by").inputValue(), "difference");
    for (const [op, number] of [
      ["h1", "Δ 0.500"],
      ["h2", "Δ 1.00"],
      ["target", "same"],
    ])
      await page.locator(".card", { hasText: op! }).filter({ hasText: number! }).waitFor({ state: "attached" });
    await page.locator(".only-there summary").click();
    assert.match(
      await page.locator(".only-there li").innerText(),
      /tanh \[64, 128\]\s*after relu h1\s*digits-wider\.ts:40/u,
    );
    await note.getByRole("button", { name: "Show in the graph" }).click();
    await page.locator(".card.selected", { hasText: "h1" }).waitFor();
    // The inspector says what differs of it, and where it is made there.
    const there = page.locator(".inspector section", { hasText: "The other pass" });
    await there.waitFor();
    assert.match(await there.innerText(), /digits-wider\.ts:14[\s\S]*Value\s+Δ 0\.250[\s\S]*Gradient\s+Δ 0\.500/u);
  });

  it("takes names with markup as text, and a tensor of rank 8", async () => {
    await open("tape=hostile");
    assert.equal(await page.locator(".page img, .page b:has(script)").count(), 0);
    await page.locator("#node-0").click();
    await page.waitForSelector(".other-axes");
    assert.equal(await page.locator(".other-axes input[type=range]").count(), 6);
    await page.locator("#node-1").click();
    await page.waitForSelector("text=no elements");
  });

  it("says what happened when there is nothing to draw", async () => {
    await open("tape=mlp&state=failed", 800);
    assert.match(
      await page.locator(".pane").innerText(),
      /inner sizes differ[\s\S]*w\.t\(\)[\s\S]*digits-mlp\.ts:11:12/,
    );
  });

  it("shows a pass in which everything is NaN for what it is", async () => {
    await open("tape=mlp&step=8&numbers=nan");
    await page.locator("#node-6").click();
    const inspector = page.locator(".inspector");
    await inspector.getByText("8192 NaN").nth(1).waitFor();
    await inspector.locator("canvas").waitFor();
    const text = await inspector.innerText();
    assert.match(text, /nothing finite/);
    assert.doesNotMatch(text, /NaN …|± NaN|the kink/);
    assert.ok((await page.locator(".card .nan, .card [class*=nan]").count()) > 0);
  });

  it("says that the engine died while it was asked, and keeps what it has", async () => {
    await open("tape=mlp&step=8");
    await page.locator("#node-6").click();
    await page.waitForSelector(".inspector .histogram");
    await page.evaluate(() => {
      const { harness } = window as unknown as { harness: Harness };
      const failing: ((reason: unknown) => void)[] = [];
      const never = (): Promise<never> => new Promise((_, reject) => failing.push(reject));
      Object.assign(harness.engine, { node: never, check: never, heatMap: never });
      // What a closed endpoint does with the calls that it still waits for.
      harness.die = () => {
        for (const fail of failing) fail({ kind: "engine", message: "The engine ended.", site: null });
        harness.died();
      };
    });
    await page.getByRole("button", { name: "Compare with finite" }).click();
    await page.waitForSelector("text=comparing");
    await page.locator("#node-4").click();
    await page.evaluate(() => (window as unknown as { harness: Harness }).harness.die());
    await page.getByRole("button", { name: "Run Again" }).waitFor();
    assert.match(await page.locator("body").innerText(), /out of memory/);
    await page.waitForSelector("text=comparing", { state: "detached" });
    assert.ok((await page.locator(".card").count()) > 5);
    assert.match(await page.locator(".inspector").innerText(), /relu\s+h1/);
  });

  for (const [query, width] of [
    ["tape=mlp&step=5", 1280],
    ["tape=mlp&step=5&theme=light", 800],
    ["tape=lstm&step=20&theme=hc", 1280],
    ["tape=mlp&step=5&theme=hc-light", 1280],
    ["tape=mlp&state=running&theme=light", 800],
    ["tape=scalar&step=2&theme=hc", 1280],
    ["tape=scalar&step=2&theme=light", 700],
  ] as const) {
    it(`has nothing axe-core objects to: ${query}, ${String(width)} px wide`, async () => {
      await open(query, width);
      await page.waitForFunction(() => document.querySelector(".heat, .pane, .scalar") !== null);
      await page.evaluate(await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8"));
      const violations = await page.evaluate(async () => {
        const { axe } = window as unknown as {
          axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
        };
        const result = await axe.run();
        return result.violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ""}`);
      });
      assert.deepEqual(violations, []);
    });
  }
});
