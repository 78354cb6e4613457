import { expose, wrap, type Remote } from "comlink";
import "../api/all-ops.ts";
import { EVENTS, REQUESTS, type ChannelFrame } from "../protocol/channel.ts";
import { ChannelEndpoint } from "../protocol/endpoint.ts";
import type { EngineEvents } from "../protocol/engine.ts";
import type { Phrasebook } from "../language/phrasebook.ts";
import { spokenFrame } from "../language/spoken-answer.ts";
import { isChinese } from "../language/translate.ts";
import { userCacheFolder } from "../context/user-cache.ts";
import { broadcast } from "./broadcast.ts";
import { ProgramSession } from "./program-session.ts";

/*
 * The engine process: forked by the extension host or the command line, ends with its parent. Its main thread is the
 * examiner; parties talk to it over channels of the IPC connection, each with requests one way and events the other.
 */

/** Until the process ends by force when its parent has gone; and where it has a recording to save first. */
const LONGEST_FAREWELL_MILLISECONDS = 1_000;
const LONGEST_SAVING_MILLISECONDS = 60_000;

const endpoints = new Map<string, ChannelEndpoint>();
const parties = new Map<string, Remote<EngineEvents>>();

const session = new ProgramSession(
  userCacheFolder(),
  broadcast(() => parties.values()),
);

/** What is said in Chinese; an engine that speaks English loads no catalogue. */
async function chinesePhrases(): Promise<Phrasebook> {
  const [{ Phrasebook }, { ENGINE }, { SHARED }, { inPythonWordsToo }] = await Promise.all([
    import("../language/phrasebook.ts"),
    import("../language/zh-cn/engine.ts"),
    import("../language/zh-cn/shared.ts"),
    import("../recorders/pytorch/python-words.ts"),
  ]);
  return new Phrasebook({ ...inPythonWordsToo(ENGINE), ...SHARED, ...ENGINE });
}

// What arrives meanwhile waits: Node keeps a child's messages until somebody listens.
const phrases = isChinese(process.argv[2] ?? "en") ? await chinesePhrases() : null;

const carrier = {
  send: (frame: ChannelFrame): void => {
    // The parent may go between the question and the frame: then nobody is left to hear of an error either.
    const said = phrases === null ? frame : spokenFrame(frame, phrases);
    if (process.connected) process.send?.(said, undefined, undefined, () => undefined);
  },
};

function endpoint(channel: string): ChannelEndpoint {
  let known = endpoints.get(channel);
  if (!known) endpoints.set(channel, (known = new ChannelEndpoint(carrier, channel)));
  return known;
}

/** Begins the conversation with a party when its first frame arrives. */
function meet(party: string): void {
  if (parties.has(party)) return;
  expose(session.engine, endpoint(party + REQUESTS));
  parties.set(party, wrap<EngineEvents>(endpoint(party + EVENTS)));
}

process.on("message", (frame: ChannelFrame) => {
  meet(frame.channel.slice(0, frame.channel.lastIndexOf("/")));
  endpoint(frame.channel).receive(frame.data);
});

let isLeaving = false;

/** Ends all that runs, saves what is to be saved, and ends the process. */
function leave(end: () => void): void {
  // A Ctrl-C ends the parent too, whose channel closes then; whoever leaves twice would not wait for what is being saved.
  if (isLeaving) return;
  isLeaving = true;
  // Nobody is left to tell; what the user thread still does is of no use to anyone.
  void session.dispose().finally(end);
  // A thread in a call that cannot be ended (`execSync`, a read of a pipe) would keep the process alive with it.
  const longest = session.isRecording ? LONGEST_SAVING_MILLISECONDS : LONGEST_FAREWELL_MILLISECONDS;
  setTimeout(() => process.kill(process.pid, "SIGKILL"), longest).unref();
}

process.on("disconnect", () => leave(() => process.exit(0)));
// A terminal sends Ctrl-C to this process as well, and a signal when it is closed. Somebody may press twice, and npm sends it twice.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => {
    leave(() => {
      process.removeAllListeners(signal);
      process.kill(process.pid, signal);
    });
  });
}
