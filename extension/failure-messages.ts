import * as vscode from "vscode";
import { t } from "../engine/language/translate.ts";
import type { Failure, FailureKind } from "../engine/protocol/failure.ts";
import { PYTHON_EXTENSION } from "../engine/protocol/model-file.ts";
import { choosePython } from "./debug/choose-python.ts";
import { launchOf } from "./debug/configuration-provider.ts";
import { openSite } from "./editor/open-site.ts";
import type { Problems } from "./editor/problems.ts";
import type { OutputChannel } from "./output-channel.ts";
import type { GradientSession } from "./session/gradient-session.ts";
import type { SessionRegistry } from "./session/session-registry.ts";
import { failureText, siteText } from "./text/failure-text.ts";
import { showError, showWarning } from "./text/notification.ts";

const ENGINE_DEATHS: readonly FailureKind[] = ["out-of-memory", "exited", "crashed"];

/** Says what went wrong with a run: as a problem at its line, and as a message with what to do next. */
export class FailureMessages {
  readonly #registry: SessionRegistry;
  readonly #problems: Problems;
  readonly #output: OutputChannel;

  constructor(registry: SessionRegistry, problems: Problems, output: OutputChannel) {
    this.#registry = registry;
    this.#problems = problems;
    this.#output = output;
  }

  /** @param isShown whether the debugger shows it at its line: a message would say the same again */
  show(session: GradientSession, failure: Failure, isShown: boolean): void {
    this.#problems.report(session.program, failure);
    if (!isShown) void this.#message(session, failure);
  }

  async #message(session: GradientSession, failure: Failure): Promise<void> {
    const place = failure.site ? ` (${siteText(failure.site)})` : "";
    const text = failureText({ ...failure, message: failure.message + place });
    const died = ENGINE_DEATHS.includes(failure.kind);
    const goTo = t("Go to Line");
    const again = t("Run Again");
    const output = t("Show Output");
    const python = t("Choose Python…");
    const asksForPython = failure.kind === "environment" && session.program.endsWith(PYTHON_EXTENSION);
    const choices = [
      ...(failure.site ? [goTo] : []),
      ...(asksForPython ? [python] : []),
      ...(died ? [again, output] : []),
    ];
    const show = failure.kind === "no-backward" ? showWarning : showError;
    const choice = await show(text, ...choices);
    if (choice === goTo && failure.site) await openSite(null, failure.site);
    if (choice === output) this.#output.show();
    const { program } = session;
    const chosen = choice === python ? await choosePython(program) : undefined;
    if (choice !== again && chosen === undefined) return;
    const configuration = this.#registry.configurationOf(program) ?? launchOf(program, {});
    await vscode.debug.startDebugging(undefined, {
      ...configuration,
      ...(chosen !== undefined && { python: chosen }),
    });
  }
}
