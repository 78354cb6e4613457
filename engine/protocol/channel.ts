/** A frame on the IPC channel between extension host and engine process: which conversation, and its message. */
export interface ChannelFrame {
  readonly channel: string;
  readonly data: unknown;
}

/**
 * Each conversation has two Comlink endpoints: requests to the engine, and events from it. A channel's name is that of
 * the party ("host", "panel-1") with one of these behind it.
 */
export const REQUESTS = "/requests";
export const EVENTS = "/events";
