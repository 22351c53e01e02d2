import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { ERRNO, read, regionOf, setNonBlocking, SHUT, shutdown } from "../libc/mod.ts";
import { createPool } from "../memory/mod.ts";
import { createReceiver, createSender, MESSAGE, REPLY, type Reply, type Sender } from "./mod.ts";
import { createStreamSender } from "./stream_sender.ts";
import { fdOf, readBytes, writeBytes } from "./testdata/raw_peer.ts";
import { sendBytes } from "./testdata/sent_stream.ts";
import { SOCKETS, withChannel } from "./testdata/with_channel.ts";

const { SETUP, DATA, INIT_DATA_SENT, SWITCHOVER_START, END_OF_STATE, CONFIG, RAM, EOF } = MESSAGE;

/** The device of the facts' vectors: section 38. */
const ID = 38;
const OPTIONS = {
  deviceIds: [...new Array<string>(ID - 1).fill("other"), "0000:00:05.0"],
  ramSize: 0x100000,
};
const OPENING = "5145564d00000003" + "070000000d766669" + "6f2d6d696762656e6368";
const OPEN_RETURN_PATH = "0800010000";
const SETUP_SECTION = "010000002611303030303a30303a30352e302f7666696f0000000000000001" +
  "ffffffffef100003ffffffffef1000017e00000026";
const RAM_SETUP = "01000100001176" + "66696f2d6d696762656e63682f72616d" + "0000000000000001" +
  "0000000000100000" + "7e00010000";

/** Lets a raw peer tell what came since it was last asked. */
async function withRawPeer(
  test: (sender: Sender, came: () => string, answer: (hex: string) => void) => void,
  bufferSize = 64 * 1024,
): Promise<void> {
  for (const kind of SOCKETS) {
    await withChannel(kind, { bufferSize }, ({ source, destination }) => {
      const fd = fdOf(destination);
      setNonBlocking(fd, true);
      const sender = createSender(source, OPTIONS);
      const answer = (hex: string) => writeBytes(fd, Uint8Array.fromHex(hex));
      test(sender, () => readBytes(fd).toHex(), answer);
      sender.close();
    });
  }
}

function send(sender: Sender, kind: number, device = 0, hex = ""): void {
  assertEquals(sendBytes(sender, kind, device, Uint8Array.fromHex(hex)), 0);
}

Deno.test("what a raw peer gets are the vectors of the facts", async () => {
  await withRawPeer((sender, came) => {
    assertEquals(came(), "");
    send(sender, SETUP, ID);
    assertEquals(came(), OPENING + OPEN_RETURN_PATH + SETUP_SECTION);
    send(sender, DATA, ID, "deadbeef");
    assertEquals(
      came(),
      "0200000026ffffffffef1000040000000000000004deadbeefffffffffef1000017e00000026",
    );
    send(sender, INIT_DATA_SENT, ID);
    assertEquals(came(), "0200000026ffffffffef1000057e00000026");
    send(sender, SWITCHOVER_START);
    assertEquals(came(), "08000b0000");
    send(sender, DATA, ID, "deadbeef");
    send(sender, DATA, ID, "01");
    send(sender, END_OF_STATE, ID);
    assertEquals(
      came(),
      "0300000026ffffffffef1000040000000000000004deadbeef" +
        "ffffffffef100004000000000000000101ffffffffef1000017e00000026",
    );
    send(sender, CONFIG, ID, "abcd");
    assertEquals(
      came(),
      "040000002611303030303a30303a30352e302f7666696f0000000000000001" +
        "ffffffffef10000200000002abcdffffffffef1000017e00000026",
    );
    send(sender, EOF);
    assertEquals(came(), "00");
  });
});

Deno.test("in stop-copy every record of 128 KiB goes out at once, and a device without data is an empty END", async () => {
  await withRawPeer((sender, came) => {
    send(sender, SETUP, 1);
    send(sender, SETUP, 2);
    send(sender, SWITCHOVER_START);
    came();
    send(sender, DATA, 1, "aa");
    assertEquals(came(), "0300000001ffffffffef1000040000000000000001aa");
    send(sender, END_OF_STATE, 1);
    assertEquals(came(), "ffffffffef1000017e00000001");
    send(sender, END_OF_STATE, 2);
    assertEquals(came(), "0300000002ffffffffef1000017e00000002");
    assertEquals([sendBytes(sender, CONFIG, 1), came().slice(-50)], [
      0,
      "ffffffffef10000200000000" + "ffffffffef1000017e00000001",
    ]);
  }, 128 * 1024);
});

Deno.test("in stop-copy small buffers go out together, and before anything else is said", async () => {
  const record = (byte: string) => "ffffffffef1000040000000000000001" + byte;
  await withRawPeer((sender, came) => {
    send(sender, SETUP, 1);
    send(sender, DATA, 1, "aa");
    assertEquals(came().slice(-28), "aaffffffffef1000017e00000001");
    send(sender, SWITCHOVER_START);
    came();
    const before = sender.transferred();
    for (const byte of ["01", "02", "03"]) send(sender, DATA, 1, byte);
    assertEquals([came(), sender.transferred()], ["", before]);
    send(sender, DATA, 1, "04");
    const four = "0300000001" + ["01", "02", "03", "04"].map(record).join("");
    assertEquals([came(), sender.transferred()], [four, before + four.length / 2]);
    send(sender, DATA, 1, "05");
    // What has no place leaves what is held as it is.
    assertEquals(sendBytes(sender, DATA, 2, new Uint8Array([9])), -ERRNO.EINVAL);
    assertEquals(came(), "");
    send(sender, END_OF_STATE, 1);
    assertEquals(came(), record("05") + "ffffffffef1000017e00000001");
    send(sender, RAM, 0, "06");
    assertEquals([came(), sender.pollReply({ kind: 0, value: 0 })], ["", 0]);
    assertStringIncludes(came(), "0300010000" + "000000000000000106");
  }, 32 * 1024);
});

Deno.test("RAM is declared before its first bytes, and its END is closed by what comes next", async () => {
  await withRawPeer((sender, came) => {
    send(sender, RAM, 0, "0102");
    assertEquals(
      came(),
      OPENING + OPEN_RETURN_PATH + RAM_SETUP +
        "0200010000" + "0000000000000002" + "0102" + "0000000000000000" + "7e00010000",
    );
    send(sender, RAM, 0, "03");
    assertEquals(came(), "0200010000000000000000000103" + "00000000000000007e00010000");
    send(sender, SWITCHOVER_START);
    came();
    send(sender, RAM, 0, "04");
    send(sender, RAM, 0, "0506");
    assertEquals(came(), "0300010000" + "000000000000000104" + "00000000000000020506");
    send(sender, EOF);
    assertEquals(came(), "0000000000000000" + "7e00010000" + "00");
  });
});

Deno.test("a device whose id nobody gave has a name all the same; a file opens no return path", async () => {
  await withChannel("file", {}, ({ source, destination }) => {
    const sender = createSender(source);
    send(sender, SETUP, 1);
    const came = readBytes(fdOf(destination));
    assertEquals(came.toHex().startsWith(`${OPENING}01000000010c`), true);
    assertStringIncludes(new TextDecoder().decode(came), "device1/vfio");
    assertEquals(sender.transferred(), came.length);
  });
});

Deno.test("an id that cannot stand in a section is refused before anything is sent", () => {
  const pool = createPool({ bufferSize: 64, capacity: 1 });
  for (const id of ["", "x".repeat(251), "Gerät", "a\n"]) {
    assertThrows(() => createStreamSender(-1, pool, true, { deviceIds: ["nic0", id] }), RangeError);
  }
  assertEquals(pool.inUse, 0);
});

type Step = readonly [kind: number, device: number, hex?: string];
const set: Step = [SETUP, 1];
const switched: Step[] = [set, [SETUP, 2], [SWITCHOVER_START, 0]];
const refused: readonly [why: string, before: readonly Step[], message: Step][] = [
  ["a device before its SETUP", [], [DATA, 1, "00"]],
  ["its marker", [], [INIT_DATA_SENT, 1]],
  ["its end", [], [END_OF_STATE, 1]],
  ["its config", [], [CONFIG, 1]],
  ["a second SETUP", [set], [SETUP, 1]],
  ["device 0", [], [SETUP, 0]],
  ["a device with RAM's section id", [], [SETUP, 0x10000]],
  ["a marker with bytes", [set], [INIT_DATA_SENT, 1, "00"]],
  ["a marker in stop-copy", switched, [INIT_DATA_SENT, 1]],
  ["RAM without bytes", [], [RAM, 0]],
  ["RAM of a device", [set], [RAM, 1, "00"]],
  ["a second switchover", switched, [SWITCHOVER_START, 0]],
  ["another device inside a section", [...switched, [DATA, 1, "00"]], [DATA, 2, "00"]],
  ["RAM inside a section", [...switched, [DATA, 1, "00"]], [RAM, 0, "00"]],
  ["EOF inside a section", [...switched, [DATA, 1, "00"]], [EOF, 0]],
  ["data behind a device's end", [...switched, [END_OF_STATE, 1]], [DATA, 1, "00"]],
  ["anything behind EOF", [set, [EOF, 0]], [DATA, 1, "00"]],
  ["no kind of message", [set], [9, 1]],
];

for (const [why, before, [kind, device, hex = ""]] of refused) {
  Deno.test(`a stream cannot say this, and nothing of it is sent: ${why}`, async () => {
    await withChannel("unix", {}, ({ source }) => {
      const sender = createSender(source);
      for (const [kind, device, hex] of before) send(sender, kind, device, hex);
      const transferred = sender.transferred();
      const result = sendBytes(sender, kind, device, Uint8Array.fromHex(hex));
      assertEquals([result, sender.transferred()], [-ERRNO.EINVAL, transferred]);
    });
  });
}

function blankReply(): Reply {
  return { kind: 0, value: -1 };
}

Deno.test("answers are QEMU's return path, in whatever pieces they come", async () => {
  await withRawPeer((sender, _came, answer) => {
    const reply = blankReply();
    const stream = "00070000" + "0001000400000005" + "0001000400000000";
    const expected = [
      { kind: REPLY.SWITCHOVER_ACK, value: 0 },
      { kind: REPLY.SHUT, value: 5 },
      { kind: REPLY.SHUT, value: 0 },
    ];
    answer(stream);
    for (const one of expected) {
      assertEquals(sender.waitReply(reply, 1000), 1);
      assertEquals(reply, one);
    }
    assertEquals(sender.pollReply(reply), 0);
    const seen: Reply[] = [];
    for (let i = 0; i < stream.length; i += 2) {
      answer(stream.slice(i, i + 2));
      const isLast = [3, 11, 19].includes(i / 2);
      // Half an answer is none yet.
      const got = isLast ? sender.waitReply(reply, 1000) : sender.waitReply(reply, 1);
      assertEquals(got, isLast ? 1 : 0);
      if (isLast) seen.push({ ...reply });
    }
    assertEquals(seen, expected);
  });
});

Deno.test("answers that are none, or are cut off, are errors with a reason", async () => {
  const wrong = [
    ["5a5a5a5a5a", ERRNO.EPROTO, "type 0x5a"],
    ["0007000100", ERRNO.EPROTO, "a length of 1"],
    ["0002000400000001", ERRNO.EPROTO, "message 2"],
    ["00010004000000", ERRNO.ECONNRESET, "its first 7 bytes"],
    ["", ERRNO.ECONNRESET, null],
  ] as const;
  for (const kind of SOCKETS) {
    for (const [hex, errno, reason] of wrong) {
      await withChannel(kind, {}, ({ source, destination }) => {
        const sender = createSender(source);
        assertEquals(sender.lastError?.(), null);
        writeBytes(fdOf(destination), Uint8Array.fromHex(hex));
        shutdown(fdOf(destination), SHUT.SHUT_WR);
        for (let i = 0; i < 2; i++) assertEquals(sender.waitReply(blankReply(), 1000), -errno);
        const error = sender.lastError?.() ?? null;
        if (reason === null) assertEquals(error, null);
        else assertStringIncludes(error ?? "", reason);
      });
    }
  }
});

Deno.test("what a receiver answers are the facts' messages", async () => {
  for (const kind of SOCKETS) {
    await withChannel(kind, {}, ({ source, destination }) => {
      const receiver = createReceiver(destination);
      assertEquals(receiver.reply(REPLY.SWITCHOVER_ACK, 0), 0);
      assertEquals(receiver.reply(REPLY.SHUT, ERRNO.EIO), 0);
      assertEquals(receiver.reply(3, 0), -ERRNO.EINVAL);
      shutdown(fdOf(destination), SHUT.SHUT_WR);
      assertEquals(readBytes(fdOf(source)).toHex(), "00070000" + "0001000400000005");
    });
  }
});

Deno.test("behind a message that broke off, nothing follows", async () => {
  await withChannel("unix", { bufferSize: 4 * 1024 * 1024 }, ({ source, destination }) => {
    // Not blocking, so that a send breaks off where nobody reads.
    setNonBlocking(fdOf(source), true);
    setNonBlocking(fdOf(destination), true);
    const sender = createSender(source);
    assertEquals(sender.send(RAM, 0, sender.capacity), -ERRNO.EAGAIN);
    assertEquals(sender.transferred(), 0);
    const region = regionOf(new ArrayBuffer(65536));
    let n: number;
    do n = read(fdOf(destination), region.pointer, 65536); while (n > 0);
    assertEquals(n, -ERRNO.EAGAIN);
    // There is room again, but the rest of the message is gone.
    assertEquals(sender.send(EOF, 0, 0), -ERRNO.EAGAIN);
    sender.finish();
    assertEquals(read(fdOf(destination), region.pointer, 65536), 0);
  });
});

Deno.test("a sender gives its buffer back", () => {
  const pool = createPool({ bufferSize: 64, capacity: 1 });
  for (let i = 0; i < 2; i++) {
    const sender = createStreamSender(-1, pool, true);
    assert(sender.claim() !== null);
    assertThrows(() => createStreamSender(-1, pool, true), RangeError, "all 1 in use");
    sender.close();
  }
  assertEquals(pool.inUse, 0);
});

Deno.test("on an fd that is none, a send is EBADF", () => {
  const sender = createStreamSender(-1, createPool({ bufferSize: 64, capacity: 1 }), true);
  assertEquals(sender.send(RAM, 0, 1), -ERRNO.EBADF);
});
