import type { Page } from "playwright-core";
import type { CodeServer } from "./code-server.ts";

interface WorkbenchConfiguration {
  developmentOptions?: object;
}

const SETTINGS = /(id="vscode-workbench-web-configuration" data-settings=")([^"]*)"/;

/**
 * Makes the workbench load an extension from its folder, and, where `testsPath` is given, run the tests it exports in
 * the extension host. A built VS Code ignores the URL parameters for this, so the page is changed as it is served.
 */
export async function loadDevelopmentExtension(
  page: Page,
  server: CodeServer,
  options: { readonly extensionPath: string; readonly testsPath?: string },
): Promise<void> {
  const uri = (path: string): object => ({
    $mid: 1,
    scheme: "vscode-remote",
    authority: `127.0.0.1:${server.port}`,
    path,
  });
  await page.route(
    (url) => url.pathname === "/" && url.port === String(server.port),
    async (route) => {
      const response = await route.fetch();
      const body = (await response.text()).replace(SETTINGS, (_, start: string, value: string) => {
        const text = value.replaceAll("&quot;", '"').replaceAll("&amp;", "&");
        const configuration = JSON.parse(text) as WorkbenchConfiguration;
        configuration.developmentOptions = {
          ...configuration.developmentOptions,
          extensions: [uri(options.extensionPath)],
          ...(options.testsPath === undefined ? {} : { extensionTestsPath: uri(options.testsPath) }),
        };
        const settings = JSON.stringify(configuration).replaceAll("&", "&amp;").replaceAll('"', "&quot;");
        return `${start}${settings}"`;
      });
      await route.fulfill({ response, body });
    },
  );
}
