import * as Comlink from "comlink";
import type { ChannelFrame } from "../../engine/protocol/channel.ts";
import { ChannelEndpoint } from "../../engine/protocol/endpoint.ts";
import type { Engine, EngineEvents } from "../../engine/protocol/engine.ts";
import type { Failure } from "../../engine/protocol/failure.ts";
import { PANEL_CHANNELS, type Panel, type PanelHost } from "../../engine/protocol/panel.ts";

interface WebviewApi {
  postMessage(message: unknown): void;
}
declare function acquireVsCodeApi(): WebviewApi;

/** The two partners at the other end of the webview's message port. */
export interface HostConnection {
  readonly engine: Comlink.Remote<Engine>;
  readonly host: Comlink.Remote<PanelHost>;
  /** Rejects the engine's unanswered calls: it is gone. Later calls go to its successor. */
  engineGone(failure: Failure): void;
}

/** Connects to the extension host, and through it to the engine process. */
export function connect(events: EngineEvents, panel: Panel): HostConnection {
  const api = acquireVsCodeApi();
  const carrier = { send: (frame: ChannelFrame) => api.postMessage(frame) };
  const endpoints = new Map<string, ChannelEndpoint>();
  const open = (channel: string): Comlink.Endpoint => {
    const endpoint = new ChannelEndpoint(carrier, channel);
    endpoints.set(channel, endpoint);
    // Comlink asks for the DOM's own event types, and reads nothing of an event but its data.
    return endpoint;
  };
  const wrapEngine = (): Comlink.Remote<Engine> => Comlink.wrap<Engine>(open(PANEL_CHANNELS.engineRequests));
  let engine = wrapEngine();
  Comlink.expose(events, open(PANEL_CHANNELS.engineEvents));
  const host = Comlink.wrap<PanelHost>(open(PANEL_CHANNELS.hostRequests));
  Comlink.expose(panel, open(PANEL_CHANNELS.hostEvents));
  addEventListener("message", ({ data }: MessageEvent<unknown>) => {
    if (typeof data !== "object" || data === null || !("channel" in data) || !("data" in data)) return;
    if (typeof data.channel === "string") endpoints.get(data.channel)?.receive(data.data);
  });
  return {
    get engine() {
      return engine;
    },
    host,
    engineGone(failure) {
      endpoints.get(PANEL_CHANNELS.engineRequests)?.close(failure);
      engine = wrapEngine();
    },
  };
}
