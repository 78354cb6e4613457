import eslint from "@eslint/js";
import { defineConfig } from "eslint/config";
import tseslint from "typescript-eslint";

/** Imports that would break an arrow of the folder structure; tsc's project references are the other half. */
function mayNotImport(...patterns) {
  return { "no-restricted-imports": ["error", { patterns }] };
}

/** The engine's folders in the order in which they build on each other: none imports a value from one after it. */
const layers = [
  "language",
  "protocol",
  "recording",
  "client",
  "context",
  "memory",
  "kernels",
  "threads",
  "core",
  "ops",
  "autograd",
  "api",
  "reading",
  "check",
  "training",
  "recorders",
  "session",
  "command-line",
];

/** For each folder of the engine, that its files lean on none of the later ones but for their types. */
function inLayers() {
  return layers.slice(0, -1).map((layer, i) => ({
    files: [`engine/${layer}/**/*.ts`],
    rules: {
      "@typescript-eslint/no-restricted-imports": [
        "error",
        {
          patterns: [
            {
              regex: `^(\\.\\./)+(${layers.slice(i + 1).join("|")})/`,
              allowTypeImports: true,
              message: `engine/${layer} comes before that folder: see docs/architecture.md.`,
            },
          ],
        },
      ],
    },
  }));
}

const engineInternals = {
  regex: "/engine/(?!(language|protocol|recording|client)/)",
  message:
    "Only engine/language, engine/protocol, engine/recording and engine/client are shared; the engine runs in a process of its own.",
};
const editor = { regex: "^vscode$|/extension/", message: "Only extension/ and its tests know the editor." };
const page = { regex: "/webview/", message: "Only webview/ knows the page." };
const node = { regex: "^node:", message: "This also runs where there is no Node." };
const wholeEngine = {
  regex: "^(\\.\\./)+index\\.ts$",
  message:
    "The engine starts a runtime where it is loaded, and the examiner's thread has another: only the user thread does.",
};

export default defineConfig(
  {
    ignores: ["dist/", ".types/", ".vscode-host/", "test-output/", "test/oracle/cli/", "**/node_modules/"],
  },
  { linterOptions: { reportUnusedDisableDirectives: "error", noInlineConfig: true } },
  eslint.configs.recommended,
  {
    files: ["**/*.ts", "**/*.tsx"],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/consistent-type-imports": ["error", { fixStyle: "inline-type-imports" }],
      "@typescript-eslint/explicit-module-boundary-types": "error",
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
      // Ways to call a method that name their arguments differently say different things.
      "@typescript-eslint/unified-signatures": ["error", { ignoreDifferentlyNamedParameters: true }],
      // `${count} nodes` is the plain way to write a number.
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true, allowBoolean: true }],
      // `() => list.push(x)` and `return done()` read better than a block.
      "@typescript-eslint/no-confusing-void-expression": "off",
      // What crosses a boundary answers with a promise, also where it has nothing to wait for.
      "@typescript-eslint/require-await": "off",
      // Errors that cross a boundary are data.
      "@typescript-eslint/only-throw-error": ["error", { allow: [{ from: "file", name: "Failure" }] }],
      "@typescript-eslint/prefer-promise-reject-errors": "off",
      // A hook may return a tensor or nothing, as in PyTorch.
      "@typescript-eslint/no-invalid-void-type": "off",
      "@typescript-eslint/no-extraneous-class": ["error", { allowStaticOnly: true, allowConstructorOnly: true }],
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      "no-restricted-syntax": [
        "error",
        { selector: "ExportDefaultDeclaration", message: "Exports are named." },
        { selector: "ExportAllDeclaration", message: "No barrels: import a thing from the file that holds it." },
      ],
      // An ambient namespace is the only way to add elements to JSX.
      "@typescript-eslint/no-namespace": ["error", { allowDeclarations: true }],
      "@typescript-eslint/no-misused-spread": ["error", { allow: ["string"] }],
      eqeqeq: "error",
    },
  },
  {
    files: ["**/*.js", "**/*.mjs", "**/*.cjs"],
    languageOptions: {
      globals: Object.fromEntries(
        ["process", "console", "URL", "performance", "require", "module", "Buffer"].map((name) => [name, "readonly"]),
      ),
    },
  },
  // What a component returns is always JSX.
  { files: ["**/*.tsx"], rules: { "@typescript-eslint/explicit-module-boundary-types": "off" } },
  {
    files: ["engine/**/*.ts"],
    rules: {
      ...mayNotImport(editor, page),
      // Numeric loops index arrays whose bounds they have just computed: `strides[axis]!` says so at no cost.
      "@typescript-eslint/no-non-null-assertion": "off",
    },
  },
  {
    files: ["engine/session/**/*.ts"],
    ignores: ["engine/session/user-thread.ts", "engine/session/evaluated-values.ts"],
    rules: mayNotImport(editor, page, wholeEngine),
  },
  ...inLayers(),
  {
    files: ["engine/protocol/**/*.ts"],
    rules: mayNotImport(editor, page, node, {
      regex: "^\\.\\./",
      message: "The protocol imports nothing of the engine.",
    }),
  },
  {
    files: ["engine/recording/**/*.ts"],
    rules: mayNotImport(editor, page, node, {
      regex: `^(\\.\\./)+(${layers.slice(layers.indexOf("recording") + 1).join("|")})/`,
      message:
        "The model of a recording is pure: everybody imports it, and it imports the protocol and the language alone.",
    }),
  },
  {
    // What model files import: "backstep" itself, and its namespaces.
    files: ["engine/index.ts", "engine/api/*/public*.ts"],
    rules: {
      "no-restricted-syntax": ["error", { selector: "ExportDefaultDeclaration", message: "Exports are named." }],
    },
  },
  { files: ["extension/**/*.ts"], rules: mayNotImport(engineInternals, page) },
  {
    files: ["extension/**/*.ts"],
    ignores: ["extension/text/notification.ts"],
    rules: {
      "no-restricted-properties": [
        "error",
        ...["showErrorMessage", "showWarningMessage", "showInformationMessage"].map((property) => ({
          property,
          message: "What a notification says goes through extension/text/notification.ts, which takes links out of it.",
        })),
      ],
    },
  },
  { files: ["webview/**/*.{ts,tsx}"], rules: mayNotImport(engineInternals, editor, node) },
  {
    files: ["test/**/*.ts"],
    rules: {
      // A test looks at what has just been made, and at what came as JSON.
      "@typescript-eslint/no-non-null-assertion": "off",
      "@typescript-eslint/no-unsafe-argument": "off",
      "@typescript-eslint/no-unsafe-assignment": "off",
      "@typescript-eslint/no-unsafe-call": "off",
      "@typescript-eslint/no-unsafe-member-access": "off",
      "@typescript-eslint/no-unsafe-return": "off",
      "@typescript-eslint/unbound-method": "off",
    },
  },
  // Model files are read by people who know PyTorch, and have no project of their own.
  {
    files: ["examples/**/*.ts", "**/*.model.ts", "test/oracle/cli/**/*.ts", "test/zoo/probe.ts"],
    extends: [tseslint.configs.disableTypeChecked],
  },
);
