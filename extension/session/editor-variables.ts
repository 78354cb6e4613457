/** What the engine must not inherit from the extension host: these would load the editor's own hooks into it. */
export const WITHOUT_EDITOR: Readonly<Record<string, null>> = {
  NODE_OPTIONS: null,
  VSCODE_INSPECTOR_OPTIONS: null,
  VSCODE_IPC_HOOK: null,
  VSCODE_ESM_ENTRYPOINT: null,
};
