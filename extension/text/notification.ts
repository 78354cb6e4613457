import * as vscode from "vscode";
import { notificationText } from "./notification-text.ts";

type Action<Label extends string> = Promise<Label | undefined>;

/** Notifications of this extension go through these. @returns the label of the button that was chosen */
export async function showError<Label extends string>(text: string, ...buttons: readonly Label[]): Action<Label> {
  return vscode.window.showErrorMessage<Label>(notificationText(text), ...buttons);
}

export async function showWarning<Label extends string>(text: string, ...buttons: readonly Label[]): Action<Label> {
  return vscode.window.showWarningMessage<Label>(notificationText(text), ...buttons);
}

export async function showInformation<Label extends string>(text: string, ...buttons: readonly Label[]): Action<Label> {
  return vscode.window.showInformationMessage<Label>(notificationText(text), ...buttons);
}

/** A question that has to be answered before anything else. */
export async function ask<Label extends string>(text: string, ...buttons: readonly Label[]): Action<Label> {
  return vscode.window.showWarningMessage<Label>(notificationText(text), { modal: true }, ...buttons);
}
