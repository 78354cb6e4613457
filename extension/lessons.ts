import path from "node:path";
import * as vscode from "vscode";
import { t } from "../engine/language/translate.ts";

/** In the order of the walkthrough's steps. */
const LESSONS = [
  { name: "1-chain-rule.ts", title: "The chain rule" },
  { name: "2-neuron.ts", title: "A neuron" },
  { name: "3-layer.ts", title: "A layer" },
  { name: "4-loss.ts", title: "A loss" },
  { name: "5-training-step.ts", title: "A training step" },
] as const;

/**
 * Copies the shipped examples beside the user's own files: what is shipped is replaced by updates.
 * @returns where they are
 */
export async function copyExamples(context: vscode.ExtensionContext): Promise<vscode.Uri> {
  const shipped = vscode.Uri.joinPath(context.extensionUri, "examples");
  const target = vscode.Uri.joinPath(context.globalStorageUri, "examples");
  await vscode.workspace.fs.copy(shipped, target, { overwrite: true });
  return target;
}

/** The lesson that comes after a file's; the first after any other file. */
export function lessonAfter(file: string): number {
  return LESSONS.findIndex(({ name }) => name === path.basename(file)) + 2;
}

/** Opens a lesson. @param number from 1; asked for where there is no such lesson */
export async function openLesson(context: vscode.ExtensionContext, number: unknown): Promise<void> {
  const known = typeof number === "number" ? LESSONS[number - 1] : undefined;
  const lesson = known ?? (await pickLesson());
  if (lesson === undefined) return;
  const folder = await copyExamples(context);
  await vscode.window.showTextDocument(vscode.Uri.joinPath(folder, "lessons", lesson.name), {
    viewColumn: vscode.ViewColumn.One,
  });
  // The walkthrough ticks it off.
  await vscode.commands.executeCommand("setContext", `backstep.lesson${LESSONS.indexOf(lesson) + 1}`, true);
}

async function pickLesson(): Promise<(typeof LESSONS)[number] | undefined> {
  const choices = LESSONS.map((lesson, i) => ({
    label: `${i + 1}. ${t(lesson.title)}`,
    description: lesson.name,
    lesson,
  }));
  const choice = await vscode.window.showQuickPick(choices, {
    title: t("Learn how gradients are found"),
    placeHolder: t("Each is a model file with questions at its stops"),
  });
  return choice?.lesson;
}
