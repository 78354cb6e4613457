/** Whether a document shows a file's text: it has no byte order mark, and its ends of lines may be others. */
export function isSameText(ran: string, shown: string): boolean {
  return plain(ran) === plain(shown);
}

function plain(text: string): string {
  return text.replace(/^\uFEFF/u, "").replaceAll("\r\n", "\n");
}
