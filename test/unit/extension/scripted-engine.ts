import * as comlink from "comlink";
import { EVENTS, REQUESTS, type ChannelFrame } from "../../../engine/protocol/channel.ts";
import { ChannelEndpoint } from "../../../engine/protocol/endpoint.ts";
import type { EngineEvents } from "../../../engine/protocol/engine.ts";

/*
 * Stands in for the engine process where a test needs one that misbehaves in a certain way, named by BACKSTEP_SCRIPT.
 */

const script = process.env["BACKSTEP_SCRIPT"] ?? "";
const endpoints = new Map<string, ChannelEndpoint>();
const carrier = { send: (frame: ChannelFrame): void => void process.send?.(frame) };

function open(channel: string): ChannelEndpoint {
  const endpoint = new ChannelEndpoint(carrier, channel);
  endpoints.set(channel, endpoint);
  return endpoint;
}

const events = comlink.wrap<EngineEvents>(open(`host${EVENTS}`));

const engine = {
  state: () => ({ kind: "idle" }),
  launch: () => {
    switch (script) {
      case "exit":
        process.exit(3);
        break;
      case "out of memory": {
        const hoard: number[][] = [];
        for (;;) hoard.push(Array.from({ length: 1e5 }, (_, index) => index + hoard.length));
      }
      case "crash":
        process.kill(process.pid, "SIGSEGV");
        break;
      case "busy":
        for (;;);
      case "print":
        void events.output([{ stream: "stdout", text: "hello\n", site: null }], 7);
        break;
      default:
        break;
    }
  },
  // Never answers: what happens to its caller when the process ends is what a test is about.
  pause: () => new Promise<void>(() => undefined),
  passes: () => {
    // Failures cross the boundary as data, not as Errors.
    throw { kind: "value", message: "no such pass", site: null } as unknown as Error;
  },
};

comlink.expose(engine, open(`host${REQUESTS}`));
comlink.expose({ state: () => ({ kind: "idle", of: "panel" }) }, open(`panel-7${REQUESTS}`));
process.on("message", (frame: ChannelFrame) => endpoints.get(frame.channel)?.receive(frame.data));
if (script !== "deaf") process.on("disconnect", () => process.exit(0));
else setInterval(() => undefined, 1e6);
