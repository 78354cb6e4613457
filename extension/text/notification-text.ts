/**
 * A sentence as a notification shows it. VS Code makes links of `[text](target)` there, commands among the targets, and
 * these sentences name what comes from files, data and errors. An invisible mark between the brackets takes the link away.
 */
export function notificationText(text: string): string {
  return text.replaceAll("](", "]\u2060(");
}
