export interface PanelResources {
  /** What the editor speaks: "en", "zh-cn". */
  readonly language: string;
  readonly nonce: string;
  /** The webview's own origin, for its content security policy. */
  readonly source: string;
  readonly script: string;
  readonly style: string;
}

/** The page of the panel. Layout runs in a worker made from a blob: a webview cannot start one from its resources. */
export function panelHtml({ language, nonce, source, script, style }: PanelResources): string {
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}' ${source}`,
    "worker-src blob:",
    `connect-src ${source}`,
    `style-src ${source} 'unsafe-inline'`,
    `img-src ${source} data: blob:`,
    `font-src ${source}`,
  ].join("; ");
  return `<!DOCTYPE html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${style}">
<title>Backstep</title>
</head>
<body>
<div id="root"></div>
<script type="module" nonce="${nonce}" src="${script}"></script>
</body>
</html>`;
}
