import path from "node:path";
import * as vscode from "vscode";
import { t } from "../../engine/language/translate.ts";
import { EVIDENCE, type CheckMode, type CheckRow } from "../../engine/protocol/check.ts";
import { isModelSource } from "../../engine/protocol/model-file.ts";
import { onFilesDeleted } from "../editor/deleted-files.ts";
import { CHECK_MODE_TEXTS } from "../check-modes.ts";
import { isScript } from "../editor/model-file-context.ts";
import { rangeOf } from "../editor/site-range.ts";
import { GradientSession } from "../session/gradient-session.ts";
import { EngineProcess } from "../../engine/client/engine-process.ts";
import { readSettings } from "../settings.ts";
import { failureOf, failureText } from "../text/failure-text.ts";
import { numberText } from "../../engine/recording/number-text.ts";
import { labelText, plainText } from "../text/surface-text.ts";
import { verdictText } from "../text/verdict-text.ts";
import { mayRun } from "../trust.ts";
import { checkFile } from "./check-file.ts";
import { WITHOUT_EDITOR } from "../session/editor-variables.ts";

const FILES = "**/*.{ts,js,mts,mjs,cts,cjs,tsx,jsx}";
const MOST_FILES = 500;
const MEBIBYTE = 2 ** 20;

/**
 * Model files in the Test Explorer. A file is a test, which passes when every gradient of it agrees with finite
 * differences; its passes, ops and parameters appear below it as they are compared.
 */
export class GradientTests implements vscode.Disposable {
  readonly #controller = vscode.tests.createTestController("backstep", t("Gradients"));
  readonly #script: string;
  readonly #log: (text: string) => void;
  readonly #subscriptions: vscode.Disposable[];

  constructor(script: string, log: (text: string) => void) {
    this.#script = script;
    this.#log = log;
    this.#controller.resolveHandler = async (item) => {
      if (!item) await this.#discover();
    };
    this.#controller.refreshHandler = () => this.#discover();
    for (const { mode, label } of CHECK_MODE_TEXTS) {
      this.#controller.createRunProfile(
        t(label),
        vscode.TestRunProfileKind.Run,
        (request, token) =>
          request.continuous ? this.#runOnSave(request, token, mode) : this.#run(request, token, mode),
        mode === "sampled",
        undefined,
        true,
      );
    }
    this.#subscriptions = [
      vscode.workspace.onDidOpenTextDocument((document) => {
        this.#consider(document);
      }),
      vscode.workspace.onDidSaveTextDocument((document) => {
        this.#consider(document);
      }),
      onFilesDeleted((isGone) => {
        for (const [id, { uri }] of this.#controller.items) if (uri && isGone(uri)) this.#controller.items.delete(id);
      }),
    ];
    for (const document of vscode.workspace.textDocuments) this.#consider(document);
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
    this.#controller.dispose();
  }

  #consider(document: vscode.TextDocument): void {
    if (isScript(document)) this.#item(document.uri);
    else this.#controller.items.delete(document.uri.toString());
  }

  async #discover(): Promise<void> {
    const files = await vscode.workspace.findFiles(FILES, "**/{node_modules,dist,out,.git}/**", MOST_FILES);
    await Promise.all(
      files.map(async (uri) => {
        const text = new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
        if (isModelSource(text)) this.#item(uri);
      }),
    );
  }

  #item(uri: vscode.Uri): vscode.TestItem {
    const id = uri.toString();
    const known = this.#controller.items.get(id);
    if (known) return known;
    const item = this.#controller.createTestItem(id, labelText(path.basename(uri.fsPath)), uri);
    item.range = new vscode.Range(0, 0, 0, 0);
    this.#controller.items.add(item);
    return item;
  }

  /** VS Code's own switch for it: a file that is included runs whenever it is saved, until that is switched off. */
  #runOnSave(request: vscode.TestRunRequest, token: vscode.CancellationToken, mode: CheckMode): void {
    const included = request.include?.map(rootOf);
    const saved = vscode.workspace.onDidSaveTextDocument(({ uri }) => {
      const item = this.#controller.items.get(uri.toString());
      if (!item || (included && !included.includes(item))) return;
      void this.#run(new vscode.TestRunRequest([item], request.exclude, request.profile, true), token, mode);
    });
    token.onCancellationRequested(() => {
      saved.dispose();
    });
  }

  async #run(request: vscode.TestRunRequest, token: vscode.CancellationToken, mode: CheckMode): Promise<void> {
    if (!(await mayRun())) return;
    const run = this.#controller.createTestRun(request);
    const files = new Set<vscode.TestItem>();
    for (const item of request.include ?? [...this.#controller.items].map(([, one]) => one)) files.add(rootOf(item));
    for (const file of files) run.enqueued(file);
    for (const file of files) {
      if (token.isCancellationRequested) run.skipped(file);
      else await this.#runFile(run, file, token, mode);
    }
    run.end();
  }

  async #runFile(
    run: vscode.TestRun,
    item: vscode.TestItem,
    token: vscode.CancellationToken,
    mode: CheckMode,
  ): Promise<void> {
    const { uri } = item;
    if (!uri) return;
    const started = performance.now();
    const settings = readSettings(uri);
    const connection = new EngineProcess({
      script: this.#script,
      language: vscode.env.language,
      folder: path.dirname(uri.fsPath),
      env: WITHOUT_EDITOR,
      log: this.#log,
    });
    const session = new GradientSession(uri.fsPath, connection);
    const cancelled = token.onCancellationRequested(() => void session.stop());
    session.output.listen(({ lines }) => {
      for (const { text } of lines) run.appendOutput(text.replace(/\r?\n/g, "\r\n"), undefined, item);
    });
    run.started(item);
    item.children.replace([]);
    const wrong: vscode.TestMessage[] = [];
    try {
      const findings = checkFile(
        session,
        {
          program: uri.fsPath,
          args: [],
          threads: settings.threads,
          historyBytes: settings.historyMemory * MEBIBYTE,
          seed: null,
          deterministic: settings.deterministic,
        },
        mode,
      );
      for await (const finding of findings) {
        if (finding.kind === "pass") wrong.push(...this.#report(run, item, finding.pass + 1, finding.rows));
        else wrong.push(message(failureText(finding.failure), finding.failure.site));
      }
    } catch (error) {
      wrong.push(message(failureText(failureOf(error)), null));
    } finally {
      cancelled.dispose();
      await session.stop();
    }
    const duration = performance.now() - started;
    if (token.isCancellationRequested) run.skipped(item);
    else if (wrong.length > 0) run.failed(item, wrong, duration);
    else run.passed(item, duration);
  }

  /** The rows of a pass as tests of their own; returns what is wrong. */
  #report(run: vscode.TestRun, file: vscode.TestItem, pass: number, rows: readonly CheckRow[]): vscode.TestMessage[] {
    const id = `${file.id}#${pass}`;
    const item = this.#controller.createTestItem(id, t`pass ${pass}`, file.uri);
    file.children.add(item);
    const wrong: vscode.TestMessage[] = [];
    rows.forEach((row, index) => {
      const child = this.#controller.createTestItem(`${id}/${index}`, labelText(nameOf(row)), uriOf(row) ?? file.uri);
      if (row.site) child.range = rangeOf(row.site);
      child.description = labelText(verdictText(row));
      item.children.add(child);
      if (row.verdict === "pass") run.passed(child);
      else if (row.verdict === "inconclusive") run.skipped(child);
      else {
        const told = message(verdictText(row), row.cause?.backward ?? row.site);
        told.expectedOutput = t`${numberText(row.evidence[EVIDENCE.numeric] ?? NaN)} by finite differences`;
        told.actualOutput = t`${numberText(row.evidence[EVIDENCE.analytic] ?? NaN)} by the backward pass`;
        run.failed(child, told);
        // A wrong op makes wrong parameters: only the op is news.
        if (row.scope === "op")
          wrong.push(message(`${nameOf(row)}: ${verdictText(row)}`, row.cause?.backward ?? row.site));
      }
    });
    if (rows.some((row) => row.verdict === "fail")) run.failed(item, wrong);
    else run.passed(item);
    return wrong;
  }
}

function rootOf(item: vscode.TestItem): vscode.TestItem {
  return item.parent ? rootOf(item.parent) : item;
}

function nameOf(row: CheckRow): string {
  return row.label && row.label !== row.name ? `${row.name} ${row.label}` : row.name;
}

function uriOf(row: CheckRow): vscode.Uri | null {
  return row.site ? vscode.Uri.file(row.site.file) : null;
}

function message(text: string, site: CheckRow["site"]): vscode.TestMessage {
  const result = new vscode.TestMessage(plainText(text));
  if (site) result.location = new vscode.Location(vscode.Uri.file(site.file), rangeOf(site));
  return result;
}
