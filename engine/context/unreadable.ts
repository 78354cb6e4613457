const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EACCES: "there is no permission to read it",
  EPERM: "there is no permission to read it",
  EISDIR: "it is a folder",
  ENOTDIR: "its folder is a file",
  ELOOP: "its links lead in a circle",
  ENAMETOOLONG: "its name is too long",
  EMFILE: "too many files are open",
  ENFILE: "too many files are open",
  EIO: "the disk fails to read it",
};

/** Why a file cannot be read, in words, by the error that `node:fs` has thrown; what else the error says as it is. */
export function whyUnreadable(error: unknown): string {
  const { code, message } = Object(error) as { readonly code?: unknown; readonly message?: unknown };
  return (typeof code === "string" ? REASONS[code] : undefined) ?? String(message ?? error);
}
