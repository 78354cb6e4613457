import * as vscode from "vscode";
import { isChinese, speak } from "../engine/language/translate.ts";
import { SHARED } from "../engine/language/zh-cn/shared.ts";

// VS Code has read the catalogue of its language before it loads the extension; what constants say is asked for as their modules load.
if (isChinese(vscode.env.language)) speak(SHARED, vscode.l10n.bundle ?? {});
