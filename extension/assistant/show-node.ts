import path from "node:path";
import * as vscode from "vscode";
import { t } from "../../engine/language/translate.ts";
import type { OpenRequest } from "../../engine/protocol/assistant.ts";
import type { NodeId, PassId } from "../../engine/protocol/ids.ts";
import { RECORDING_EXTENSION } from "../../engine/protocol/model-file.ts";
import { launchOf } from "../debug/configuration-provider.ts";
import type { PanelManager } from "../panel/panel-manager.ts";
import { RECORDING_VIEW_TYPE } from "../recordings/recording-editor.ts";
import { firstStop } from "../session/first-stop.ts";
import type { GradientSession } from "../session/gradient-session.ts";
import type { SessionRegistry } from "../session/session-registry.ts";

export interface ShowNodeContext {
  readonly registry: SessionRegistry;
  readonly panels: PanelManager;
}

/**
 * Shows a node in the panel: of a session that has the pass, else of one that is started and stops in it.
 * @throws Error where it cannot
 */
export async function showNode(
  { registry, panels }: ShowNodeContext,
  { file, pass, node }: OpenRequest,
): Promise<void> {
  if (!vscode.workspace.isTrusted) throw new Error(t("The workspace is not trusted, so that its files are not run."));
  if (!vscode.workspace.getWorkspaceFolder(vscode.Uri.file(file))) throw new Error(t`${file} is in no open folder.`);
  const session = (await shown(registry, file, pass as PassId)) ?? (await begin(registry, file, pass));
  if (!session) throw new Error(t`${path.basename(file)} ended before pass ${pass}.`);
  if (session.cursor?.pass !== (pass as PassId)) await session.selectPass(pass as PassId);
  const { nodeCount } = await session.graph(pass as PassId);
  if (node >= nodeCount) throw new Error(t`Pass ${pass} has the nodes 0 to ${nodeCount - 1}, and no ${node}.`);
  await session.moveCursor({ node: node as NodeId });
  panels.open(file, session).reveal(node as NodeId);
}

/** A session that keeps the pass; null where none does. */
async function shown(registry: SessionRegistry, file: string, pass: PassId): Promise<GradientSession | null> {
  for (const { gradients } of registry.all) {
    if (gradients.program !== file || !gradients.readable) continue;
    if ((await gradients.passes()).some((one) => one.pass === pass && one.kept)) return gradients;
  }
  return null;
}

async function begin(registry: SessionRegistry, file: string, pass: number): Promise<GradientSession | null> {
  const uri = vscode.Uri.file(file);
  return firstStop(registry, async () => {
    if (path.extname(file) === RECORDING_EXTENSION) {
      await vscode.commands.executeCommand("vscode.openWith", uri, RECORDING_VIEW_TYPE);
      return true;
    }
    const folder = vscode.workspace.getWorkspaceFolder(uri);
    return vscode.debug.startDebugging(folder, launchOf(file, { stopOn: pass + 1 }));
  });
}
