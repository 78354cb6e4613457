import "./speak.ts";
import type * as vscode from "vscode";
import { Backstep } from "./backstep.ts";

let backstep: Backstep | null = null;

export function activate(context: vscode.ExtensionContext): void {
  backstep = new Backstep(context);
}

/** VS Code waits for this before it ends the extension host: no engine is left behind. */
export async function deactivate(): Promise<void> {
  await backstep?.end();
  backstep = null;
}
