// Makes and closes every kind of fd, round after round, and tells how many are open before and after.
import * as libc from "../mod.ts";
import { pairOf } from "./pair.ts";

/** What the test reads from stdout. */
export interface FdReport {
  readonly rounds: number;
  /** Whether asking poll(2) about every low fd gave the same count. */
  readonly agreesWithPoll: boolean;
  readonly before: number;
  readonly whileOneMore: number;
  readonly after: number;
}

const ROUNDS = 50;

function made(result: number): number {
  return libc.check(result, "a call", "make an fd for a test");
}

function round(index: number): void {
  const address = { kind: "unix", path: `\0vfio-migbench ${Deno.pid} ${index}` } as const;
  const listener = made(libc.socketUnix());
  made(libc.bind(listener, address));
  made(libc.listen(listener, 2));
  const client = made(libc.socketUnix());
  made(libc.connectTimeout(client, address, 1000));
  const memory = made(libc.memfdCreate("round"));
  const fds = [
    listener,
    client,
    made(libc.acceptTimeout(listener, 1000)),
    memory,
    made(libc.dup(memory)),
    made(libc.open("/dev/null", libc.OPEN.O_RDONLY)),
    made(libc.socketTcp()),
    ...pairOf(libc.pipe(), "pipe2"),
    ...pairOf(libc.socketpair(libc.SOCK.SOCK_STREAM), "socketpair"),
  ];
  for (const fd of fds) made(libc.close(fd));
  // Failing makes none either.
  libc.open("/dev/null/x", libc.OPEN.O_RDONLY);
  libc.socketTcp("no address");
  libc.memfdCreate("x".repeat(250));
  libc.getsockname(-1);
}

// Deno's own threads may open or close a file between the two counts, but not every time.
function agreesWithPoll(): boolean {
  for (let attempt = 0; attempt < 20; attempt++) {
    let open = 0;
    for (let fd = 0; fd < 4096; fd++) {
      if (libc.poll(fd, 0, 0) !== libc.POLL.POLLNVAL) open += 1;
    }
    if (open === libc.countOpenFds()) return true;
  }
  return false;
}

round(0);
const before = libc.countOpenFds();
const oneMore = made(libc.memfdCreate("one more"));
const whileOneMore = libc.countOpenFds();
libc.close(oneMore);
for (let index = 1; index <= ROUNDS; index++) round(index);
const after = libc.countOpenFds();

const report: FdReport = {
  rounds: ROUNDS,
  agreesWithPoll: agreesWithPoll(),
  before,
  whileOneMore,
  after,
};
await Deno.stdout.write(new TextEncoder().encode(JSON.stringify(report)));
