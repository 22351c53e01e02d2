import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import { ERRNO, setNonBlocking, SHUT, shutdown } from "../libc/mod.ts";
import { createPool } from "../memory/mod.ts";
import { createDecoder, decode, endOfInput, EVENT, EVENT_NAMES } from "../wire/mod.ts";
import { createReceiver, createSender, MESSAGE, type Receiver } from "./mod.ts";
import { createStreamReceiver } from "./stream_receiver.ts";
import { migrations, type Sent } from "./testdata/migrations.ts";
import { concat, fdOf, readBytes, writeBytes } from "./testdata/raw_peer.ts";
import { blankMessage, receiveParts } from "./testdata/received.ts";
import {
  bytesOf,
  expectedOf,
  joined,
  type Part,
  sendBytes,
  streamOf,
} from "./testdata/sent_stream.ts";
import { SOCKETS, withChannel } from "./testdata/with_channel.ts";

const { SETUP, DATA, INIT_DATA_SENT, SWITCHOVER_START, END_OF_STATE, CONFIG, RAM, EOF } = MESSAGE;
const STREAMS = [...SOCKETS, "file"] as const;
const BUFFER_SIZE = 64;
/** How many messages a receiver asks for at once: also so many that a stream of these tests is more than they hold. */
const AT_ONCE = [1, 2, 7];
const OPENING = "5145564d00000003" + "070000000d766669" + "6f2d6d696762656e6368";
const DEVICE = "010000000106" + "612f7666696f" + "0000000000000001" +
  "ffffffffef100003ffffffffef1000017e00000001";

/** Everything once, some messages longer than the buffer. */
const EVERYTHING: Sent[] = [
  [SETUP, 1, 0],
  [SETUP, 2, 0],
  [RAM, 0, 100],
  [RAM, 0, 3],
  [DATA, 1, 64],
  [DATA, 2, 0],
  [DATA, 1, 150],
  [INIT_DATA_SENT, 1, 0],
  [END_OF_STATE, 2, 0],
  [SWITCHOVER_START, 0, 0],
  [RAM, 0, 70],
  [RAM, 0, 1],
  [DATA, 1, 64],
  [DATA, 1, 5],
  [END_OF_STATE, 1, 0],
  [CONFIG, 2, 9],
  [DATA, 2, 65],
  [END_OF_STATE, 2, 0],
  [CONFIG, 1, 0],
  [EOF, 0, 0],
].map(([kind = 0, device = 0, length = 0]) => ({ kind, device, length }));

interface Received {
  readonly parts: readonly Part[];
  /** What the last call gave. */
  readonly result: number;
  readonly error: string | null;
}

/** What a receiver makes of bytes that come in these pieces, when nothing follows. */
async function receivePieces(
  pieces: readonly Uint8Array[],
  messages = 1,
): Promise<Received> {
  const parts: Part[] = [];
  let result = 1;
  let error: string | null = null;
  await withChannel("unix", { bufferSize: BUFFER_SIZE }, ({ source, destination }) => {
    const fd = fdOf(source);
    // Not blocking, so that it takes each piece before the next one is there.
    setNonBlocking(fdOf(destination), true);
    const pool = createPool({ bufferSize: messages * BUFFER_SIZE, capacity: 1 });
    const receiver = createStreamReceiver(fdOf(destination), pool, true, { messages });
    for (const piece of pieces) {
      writeBytes(fd, piece);
      result = receiveParts(receiver, parts);
      if (result !== -ERRNO.EAGAIN) break;
    }
    shutdown(fd, SHUT.SHUT_WR);
    result = receiveParts(receiver, parts);
    assertEquals(receiver.receive(blankMessage()), result, "it changed its mind");
    error = receiver.lastError?.() ?? null;
    receiver.close();
  });
  for (const [, , hex] of parts) assert(hex.length / 2 <= messages * BUFFER_SIZE);
  return { parts, result, error };
}

/** The answers to bytes that come as one, over any kind of stream. */
async function receiveAll(kind: (typeof STREAMS)[number], bytes: Uint8Array): Promise<Received> {
  const parts: Part[] = [];
  let [result, error] = [1, null as string | null];
  await withChannel(kind, { bufferSize: BUFFER_SIZE }, ({ source, destination }) => {
    writeBytes(fdOf(source), bytes);
    if (kind !== "file") shutdown(fdOf(source), SHUT.SHUT_WR);
    const receiver = createReceiver(destination);
    result = receiveParts(receiver, parts);
    assertEquals(receiver.receive(blankMessage()), result, "it changed its mind");
    error = receiver.lastError?.() ?? null;
  });
  return { parts, result, error };
}

function receiveHex(...hex: readonly string[]): Promise<Received> {
  return receivePieces([Uint8Array.fromHex(hex.join(""))]);
}

function cutInto(stream: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const edges = [...new Set([0, ...cuts, stream.length])].filter((at) => at <= stream.length)
    .sort((a, b) => a - b);
  return edges.slice(1).map((to, i) => stream.subarray(edges[i], to));
}

Deno.test("any split of the stream gives the same messages", async () => {
  const stream = await streamOf(EVERYTHING);
  const expected = { parts: expectedOf(EVERYTHING), result: 0, error: null };
  const splits = [[], stream.keys().toArray(), ...stream.keys().map((at) => [at])];
  for (const cuts of splits) {
    for (const messages of AT_ONCE) {
      const { parts, ...rest } = await receivePieces(cutInto(stream, cuts), messages);
      assertEquals({ parts: joined(parts), ...rest }, expected, `cut at ${cuts}, ${messages}`);
    }
  }
});

Deno.test("whatever a source says comes out as it was, in whatever pieces it comes", async () => {
  const cuts = fc.array(fc.nat(3000), { maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(
      migrations(fc.nat(200)),
      cuts,
      fc.constantFrom(...AT_ONCE),
      async (messages, cuts, atOnce) => {
        const pieces = cutInto(await streamOf(messages), cuts);
        const { parts, result } = await receivePieces(pieces, atOnce);
        assertEquals([joined(parts), result], [expectedOf(messages), 0]);
      },
    ),
    { numRuns: 60 },
  );
});

Deno.test("a buffer that is full is one message, from its start", async () => {
  await withChannel("file", { bufferSize: BUFFER_SIZE }, ({ source, destination }) => {
    const sender = createSender(source);
    const lengths: [number, number, number][] = [];
    sendBytes(sender, SETUP, 1);
    for (let n = 0; n < 3; n++) sendBytes(sender, DATA, 1, bytesOf(n, BUFFER_SIZE));
    for (let n = 0; n < 3; n++) sendBytes(sender, RAM, 0, bytesOf(n, BUFFER_SIZE));
    sendBytes(sender, SWITCHOVER_START, 0);
    for (let n = 0; n < 3; n++) sendBytes(sender, RAM, 0, bytesOf(n, BUFFER_SIZE));
    for (let n = 0; n < 3; n++) sendBytes(sender, DATA, 1, bytesOf(n, BUFFER_SIZE));
    sendBytes(sender, END_OF_STATE, 1);
    sendBytes(sender, EOF, 0);
    const receiver = createReceiver(destination);
    const message = blankMessage();
    while (receiver.receive(message) === 1) {
      if (message.length > 0) lengths.push([message.kind, message.offset, message.length]);
    }
    const wholes = lengths.filter(([, offset, length]) => offset === 0 && length === BUFFER_SIZE);
    // The guess can only fail where one kind follows another.
    const count = (kind: number) => wholes.filter(([one]) => one === kind).length;
    assert(count(DATA) >= 4, `${count(DATA)} of 6 DATA are whole`);
    assert(count(RAM) >= 4, `${count(RAM)} of 6 RAM are whole`);
  });
});

Deno.test("small buffers that go out together come in together, each at the start of a page", async () => {
  await withChannel("file", { bufferSize: 4096 }, ({ source, destination }) => {
    const sender = createSender(source);
    sendBytes(sender, SETUP, 1);
    sendBytes(sender, DATA, 1, bytesOf(0, 4096));
    sendBytes(sender, SWITCHOVER_START, 0);
    const count = 100;
    for (let n = 0; n < count; n++) sendBytes(sender, DATA, 1, bytesOf(n, 4096));
    sendBytes(sender, END_OF_STATE, 1);
    sendBytes(sender, EOF, 0);
    const receiver = createReceiver(destination);
    const message = blankMessage();
    let stopped = 0;
    let parts = 0;
    let wholes = 0;
    while (receiver.receive(message) === 1) {
      if (message.kind === SWITCHOVER_START) stopped = 1;
      if (stopped === 0 || message.kind !== DATA) continue;
      parts++;
      const isAtPage = message.offset === 0 && (message.region?.address ?? 1) % 4096 === 0;
      if (isAtPage && message.length === 4096) wholes++;
    }
    // Only where the framing between the buffers becomes another one the guess fails.
    assertEquals([parts - count <= 1, wholes >= count - 16], [true, true], `${parts}, ${wholes}`);
  });
});

Deno.test("a file that was written through the channel is a stream to core/wire", async () => {
  await withChannel("file", { bufferSize: 4096 }, ({ source, destination }) => {
    const sender = createSender(source, { deviceIds: ["nic0", "nic1"] });
    for (const [n, { kind, device, length }] of EVERYTHING.entries()) {
      assertEquals(sendBytes(sender, kind, device, bytesOf(n, length)), 0);
    }
    sender.finish();
    const stream = readBytes(fdOf(destination));
    assertEquals(stream.length, sender.transferred());
    const decoder = createDecoder();
    const payload: Uint8Array[] = [];
    const sections: string[] = [];
    const counts: Record<string, number> = {};
    for (
      let event = decode(decoder, stream, 0, stream.length);
      event !== EVENT.NEED_INPUT;
      event = decode(decoder, stream, decoder.next, stream.length)
    ) {
      const name = EVENT_NAMES[event] ?? "";
      counts[name] = (counts[name] ?? 0) + 1;
      const { offset, length, section, sectionType } = decoder;
      if (event === EVENT.PAYLOAD) payload.push(stream.slice(offset, offset + length));
      if (event === EVENT.SECTION) sections.push(`${sectionType} ${section?.id} ${section?.idstr}`);
    }
    assertEquals(endOfInput(decoder), true);
    assertEquals(
      concat(...payload),
      concat(...EVERYTHING.map(({ length }, n) => bytesOf(n, length))),
    );
    assertEquals(sections, [
      "1 1 nic0/vfio",
      "1 2 nic1/vfio",
      "1 65536 vfio-migbench/ram",
      "2 65536 vfio-migbench/ram",
      "2 65536 vfio-migbench/ram",
      "2 1 nic0/vfio",
      "2 2 nic1/vfio",
      "2 1 nic0/vfio",
      "2 1 nic0/vfio",
      "2 2 nic1/vfio",
      "3 65536 vfio-migbench/ram",
      "3 1 nic0/vfio",
      "4 2 nic1/vfio",
      "3 2 nic1/vfio",
      "4 1 nic0/vfio",
    ]);
    const { DATA: data, RAM: ram, SECTION_END, COMMAND, EOF: eof } = counts;
    assertEquals({ data, ram, SECTION_END, COMMAND, eof }, {
      data: 6,
      ram: 4,
      SECTION_END: 15,
      COMMAND: 1,
      eof: 1,
    });
  });
});

Deno.test("what QEMU would have written in place of ours comes out as messages too", async () => {
  const { parts, result } = await receiveHex(
    OPENING,
    "0800010000",
    DEVICE,
    // Two records and the marker in one pass, a pass with nothing.
    "0200000001" + "ffffffffef1000040000000000000002abcd" + "ffffffffef1000040000000000000001ef",
    "ffffffffef100005" + "7e00000001",
    "0200000001" + "ffffffffef100001" + "7e00000001",
    "08000b0000",
    "0300000001" + "ffffffffef100001" + "7e00000001",
    // A vmdesc follows.
    "00" + "06000000027b7d",
  );
  assertEquals([joined(parts), result], [[
    [SETUP, 1, ""],
    [DATA, 1, "abcdef"],
    [INIT_DATA_SENT, 1, ""],
    [END_OF_STATE, 1, ""],
    [SWITCHOVER_START, 0, ""],
    [END_OF_STATE, 1, ""],
    [EOF, 0, ""],
  ], 0]);
});

for (const kind of STREAMS) {
  Deno.test(`${kind}: garbage is EPROTO, and the messages before it come`, async () => {
    const garbage = new Uint8Array(100).fill(0x5a);
    const alone = await receiveAll(kind, garbage);
    assertEquals([alone.parts, alone.result], [[], -ERRNO.EPROTO]);
    assertStringIncludes(alone.error ?? "", "Cannot read byte 0 of the stream as");
    const later = await receiveAll(kind, concat(Uint8Array.fromHex(OPENING + DEVICE), garbage));
    assertEquals([later.parts, later.result], [[[SETUP, 1, ""]], -ERRNO.EPROTO]);
    assertStringIncludes(later.error ?? "", "0x5a");
  });

  Deno.test(`${kind}: a stream that is cut off anywhere is ECONNRESET`, async () => {
    const stream = await streamOf(EVERYTHING);
    const step = kind === "unix" ? 1 : 37;
    for (let length = 0; length < stream.length; length += step) {
      const { result, error } = await receiveAll(kind, stream.slice(0, length));
      assertEquals(result, -ERRNO.ECONNRESET, `cut at ${length}`);
      assertStringIncludes(error ?? "", `Cannot read byte ${length} of the stream as`);
    }
    assertEquals((await receiveAll(kind, stream)).result, 0);
  });
}

const foreign: readonly [what: string, hex: string, reason: string][] = [
  ["QEMU's own", "5145564d00000003" + "070000000b70632d7133352d31302e30", "pc-q35-10.0"],
  ["one without a configuration", "5145564d00000003" + "00", "no configuration section"],
  ["a section of something else", OPENING + "04000000070374617000000000" + "00000001", "tap"],
  ["postcopy", OPENING + "08000400007e", "command 4"],
  ["PING", OPENING + "080002000400000001", "command 2"],
  [
    "multifd's config",
    OPENING + DEVICE + "040000000106612f7666696f0000000000000001ffffffffef100006",
    "CONFIG_LOAD_READY",
  ],
  ["a section nobody declared", OPENING + "0200000009", "section 9"],
  ["a footer of another section", OPENING + DEVICE.replace(/1$/, "2"), "7e 00 00 00 02"],
  ["bytes behind the EOF", OPENING + "0001", "0x01"],
];
for (const [what, hex, reason] of foreign) {
  Deno.test(`a stream that is none of ours is EPROTO: ${what}`, async () => {
    const { result, error } = await receiveHex(hex);
    assertEquals(result, -ERRNO.EPROTO);
    assertStringIncludes(error ?? "", reason);
  });
}

Deno.test("a receiver never hangs on, or makes a message of, what is no stream", async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 100 }), async (bytes) => {
      const { parts, result } = await receivePieces([bytes]);
      assertEquals([parts, result], [[], bytes.length < 8 ? -ERRNO.ECONNRESET : -ERRNO.EPROTO]);
    }),
    { numRuns: 50 },
  );
});

Deno.test("a stream with wrong bytes in it is an errno or another stream, never more", async () => {
  const stream = await streamOf(EVERYTHING);
  const damage = fc.array(fc.tuple(fc.nat(stream.length - 1), fc.nat(255)), {
    minLength: 1,
    maxLength: 5,
  });
  await fc.assert(
    fc.asyncProperty(damage, fc.array(fc.nat(1500), { maxLength: 5 }), async (damage, cuts) => {
      const bytes = stream.slice();
      for (const [at, byte] of damage) bytes[at] = byte;
      const { result } = await receivePieces(cutInto(bytes, cuts));
      assert([0, -ERRNO.EPROTO, -ERRNO.ECONNRESET].includes(result), `received ${result}`);
    }),
    { numRuns: 200 },
  );
});

Deno.test("a peer can neither fill memory with sections nor with a record's length", async () => {
  const sections = Array.from({ length: 5000 }, (_, i) => {
    const id = i.toString(16).padStart(8, "0");
    return "01" + id + "06612f7666696f" + "0000000000000001" + "ffffffffef1000017e" + id;
  });
  const pieces = [OPENING, ...sections].map((hex) => Uint8Array.fromHex(hex));
  const { result, error } = await receivePieces(pieces);
  assertEquals(result, -ERRNO.EPROTO);
  assertStringIncludes(error ?? "", "4096 sections");
  const long = await receiveHex(
    OPENING + DEVICE + "0200000001" + "ffffffffef100004" + "001fffffffffffff" + "aa".repeat(500),
  );
  assertEquals(long.result, -ERRNO.ECONNRESET);
  assertEquals(joined(long.parts)[1], [DATA, 1, "aa".repeat(500)]);
  const longer = await receiveHex(
    OPENING + DEVICE + "0200000001" + "ffffffffef100004" + "ffffffffffffffff",
  );
  assertEquals(longer.result, -ERRNO.EPROTO);
});

Deno.test("both directions at once: what one end is told does not disturb what the other is", async () => {
  for (const kind of SOCKETS) {
    await withChannel(kind, { bufferSize: 4096 }, ({ source, destination }) => {
      const sender = createSender(source);
      const receiver: Receiver = createReceiver(destination);
      const reply = { kind: 0, value: -1 };
      sendBytes(sender, SETUP, 1);
      const message = blankMessage();
      for (let n = 0; n < 50; n++) {
        sendBytes(sender, DATA, 1, bytesOf(n, n * 80));
        assertEquals(receiver.reply(2, n), 0);
        let length = 0;
        do {
          assertEquals(receiver.receive(message), 1);
          length += message.length;
        } while (message.kind !== DATA || length < n * 80);
        assertEquals([sender.waitReply(reply, 1000), reply.value], [1, n]);
      }
    });
  }
});

Deno.test("a receiver gives its buffer back", () => {
  const pool = createPool({ bufferSize: 64, capacity: 1 });
  for (let i = 0; i < 2; i++) createStreamReceiver(-1, pool, true).close();
  assertEquals(pool.inUse, 0);
});

Deno.test("on an fd that is none, every call is EBADF", () => {
  const receiver = createStreamReceiver(-1, createPool({ bufferSize: 64, capacity: 1 }), true);
  for (let i = 0; i < 2; i++) assertEquals(receiver.receive(blankMessage()), -ERRNO.EBADF);
  assertEquals(receiver.reply(1, 1), -ERRNO.EBADF);
});
