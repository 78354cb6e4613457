import type { FindingAction } from "../../engine/protocol/finding.ts";
import type { PanelCommand, PanelState } from "../../engine/protocol/panel.ts";
import type { Site } from "../../engine/protocol/site.ts";
import { announce, ask, host } from "./partners.ts";

export async function run(command: PanelCommand): Promise<void> {
  await ask(host().command(command));
}

export async function openSite(site: Site): Promise<void> {
  await ask(host().openSite(site));
}

export async function lightSites(sites: readonly Site[]): Promise<void> {
  await ask(host().lightSites(sites));
}

export async function copy(text: string): Promise<void> {
  await ask(host().copy(text));
  announce("copied");
}

export async function saveFile(name: string, data: Uint8Array): Promise<void> {
  await ask(host().saveFile(name, data));
}

/** Tells the host whether the keyboard is here: a stop of the debugger then leaves it here. */
export function tellFocus(): void {
  const tell = (): void => void host().focusChanged(document.hasFocus());
  addEventListener("focus", tell);
  addEventListener("blur", tell);
  tell();
}

export async function saveState(state: PanelState): Promise<void> {
  await ask(host().saveState(state));
}

/** Has the host explain a finding, edit the file as it says, or try that. */
export async function act(action: FindingAction, key: string): Promise<void> {
  await ask(host().finding(action, key));
}
