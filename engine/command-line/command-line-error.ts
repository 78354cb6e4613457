/** The arguments of a command make no sense, or name a file that cannot be read. */
export class CommandLineError extends Error {}
