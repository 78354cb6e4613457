import { createServer } from "node:net";

/** The variables that torchrun sets for a rank, all ranks on this machine. */
export function rankEnvironment(rank: number, ranks: number, port: number): Readonly<Record<string, string>> {
  return {
    RANK: String(rank),
    LOCAL_RANK: String(rank),
    WORLD_SIZE: String(ranks),
    LOCAL_WORLD_SIZE: String(ranks),
    GROUP_RANK: "0",
    MASTER_ADDR: "127.0.0.1",
    MASTER_PORT: String(port),
    // As torchrun does: several processes that each use every core slow each other down.
    OMP_NUM_THREADS: process.env["OMP_NUM_THREADS"] ?? "1",
    // gloo would listen on the address of the host's name.
    ...(LOOPBACK !== undefined && { GLOO_SOCKET_IFNAME: process.env["GLOO_SOCKET_IFNAME"] ?? LOOPBACK }),
  };
}

/** Which rank a process with these variables is, of how many; null of a run of one. */
export function rankOf(env: Readonly<NodeJS.ProcessEnv>): { readonly rank: number; readonly ranks: number } | null {
  const [rank, ranks] = [Number(env["RANK"]), Number(env["WORLD_SIZE"])];
  return Number.isInteger(rank) && Number.isInteger(ranks) && ranks > 1 ? { rank, ranks } : null;
}

const LOOPBACK = { darwin: "lo0", linux: "lo" }[process.platform as string];

/** A port of the loopback that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("the system gave no port");
  return address.port;
}
