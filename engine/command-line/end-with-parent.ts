/** How a program of ours starts a command of ours that is to end with it: the channel closes however that ends. */
export const ENDS_WITH_PARENT = "ipc";

/** Ends this command once the program of ours that started it is gone; a terminal or a script leaves no channel. */
export function endWithParent(): void {
  if (!process.connected) return;
  process.once("disconnect", () => process.exit(2));
  process.channel?.unref();
}
