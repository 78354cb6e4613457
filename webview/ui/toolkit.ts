/**
 * The one place that imports the archived webview UI toolkit. It registers the elements in use; the JSX types of those
 * elements stand here as well.
 */
import {
  provideVSCodeDesignSystem,
  vsCodeButton,
  vsCodeDropdown,
  vsCodeLink,
  vsCodeOption,
  vsCodeProgressRing,
  vsCodeTextField,
} from "@vscode/webview-ui-toolkit";
import type { ComponentChildren, HTMLAttributes } from "preact";

export function registerToolkit(): void {
  provideVSCodeDesignSystem().register(
    vsCodeButton(),
    vsCodeDropdown(),
    vsCodeLink(),
    vsCodeOption(),
    vsCodeProgressRing(),
    vsCodeTextField(),
  );
}

interface ToolkitAttributes extends Omit<
  HTMLAttributes<HTMLElement>,
  "disabled" | "value" | "placeholder" | "selected" | "href"
> {
  children?: ComponentChildren;
  appearance?: "primary" | "secondary" | "icon";
  disabled?: boolean;
  value?: string;
  placeholder?: string;
  selected?: boolean;
  href?: string;
  position?: "above" | "below";
}

declare module "preact" {
  // Preact types custom elements by merging into this namespace.
  namespace JSX {
    interface IntrinsicElements {
      "vscode-button": ToolkitAttributes;
      "vscode-dropdown": ToolkitAttributes;
      "vscode-link": ToolkitAttributes;
      "vscode-option": ToolkitAttributes;
      "vscode-progress-ring": ToolkitAttributes;
      "vscode-text-field": ToolkitAttributes;
    }
  }
}
