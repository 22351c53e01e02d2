import { SUITES } from "./suites.ts";

/** What `deno task bench --help` says; apart from the command, which takes several times as long to load. */
export const BENCH_HELP = `deno task bench [SCENARIO...] [FLAGS]

Plays migrations and says what they measured. Without a scenario: ${
  SUITES.default.map(({ scenario }) => scenario).join(", ")
}.
A scenario is a name in scenarios/ (deno task list) or the path of a .jsonc file.
deno task bench ceiling says how close that comes to what this machine can do (deno task bench ceiling --help).

  --clock wall|virtual     wall: real bytes and threads
  --trials N               how many trials each case gets; with --precision, at least
  --warmup N|auto          how many are played first and not counted; auto: until they are steady,
                           as with --precision
  --precision 2%           more trials, until half the 95 % interval of the median is no more than that
  --precision-metric NAME  of which metric (downtime_ms); more than once for several
  --max-trials N           the most trials of a case with --precision (1000)
  --max-time 10m           after this no further trial is begun (10m with --precision)
  --seed N                 what the random numbers and the devices' contents come from
  --set KEY=VALUE          sets a key of the scenario, such as buffer_size=64KiB or devices.nic0.dirty_rate=1GiB/s
  --sweep KEY=A,B,C        makes a case of every value
  --buffer-size 64KiB      every parameter has such a flag (deno task list params)
  --suite NAME             default or nightly, where no scenario is named
  --shard 2/8              plays the second of eight parts of the cases (deno task merge makes one run of them)
  --resume RUN             goes on with a run that was stopped or killed
  --jobs N                 how many Workers play virtual trials side by side (1)
  --device DEV[,DEV...]    real VFIO devices of this host in the place of the scenario's (deno task doctor)
  --to DEV[,DEV...]        the devices they migrate to; null or file:PATH takes the bytes and measures the saving side
  --keep-streams DIR       keeps what went over channel=file (deno task inspect)
  --record DIR             records every device's session into a new folder (deno task replay)
  --trace DIR              writes what each trial did as QEMU's log backend traces it: NAME-CASE-TRIAL.src.trace, .dst.trace
  --listen ADDR            waits for another process and is the destination of its migrations (--listen tcp:7000 --help)
  --connect ADDR           migrates to the listener there: unix:/path, tcp:HOST:PORT or tcp:PORT
  --token-file FILE        the secret that the listener has too
  --out DIR                the run folder; a new one in results/ otherwise
  --json                   one JSON document on stdout instead of the table
  --quiet                  no progress on stderr

DEV is /dev/vfio/devices/vfioN, /dev/vfio/N, a PCI address, an mdev's UUID or a name in /sys. Before and after every trial a
device is reset: whatever is in it is lost. No guest runs on it. So a run cannot know what a guest would dirty, nor
what of the downtime vCPUs, interrupts and the network are; what the driver takes for itself it does measure. RAM stays
simulated. The destination's driver alone knows whether it checks what it loads. A change of state cannot be called
off: one that hangs in the driver hangs the run. With several trials, file:PATH has the last one's bytes.

Exit: 0 fine, 1 an expectation of a scenario failed, 2 usage or scenario error, 4 a trial failed, 130 interrupted (what was measured is kept).`;
