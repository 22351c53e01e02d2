import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { appendLinesWhole, appendText, openToAppend } from "./append_file.ts";

function withFile(use: (path: string) => void): void {
  const folder = Deno.makeTempDirSync();
  try {
    use(`${folder}/log`);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

/** A file of which the n-th write takes only so many bytes, as where the disk is full or the process is killed. */
function failingAt(file: Deno.FsFile, nth: number, room: number): Deno.FsFile {
  let write = 0;
  return new Proxy(file, {
    get(target, key) {
      if (key === "writeSync") {
        return (bytes: Uint8Array) => {
          if (++write !== nth) return target.writeSync(bytes);
          target.writeSync(bytes.subarray(0, room));
          throw new Error("No space left on device");
        };
      }
      const value = Reflect.get(target, key);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

/** As {@linkcode failingAt}, and nothing can be cut off any more: what a kill leaves. */
function killedAt(file: Deno.FsFile, nth: number, room: number): Deno.FsFile {
  const failing = failingAt(file, nth, room);
  return new Proxy(failing, {
    get(target, key) {
      if (key === "truncateSync") return () => assert(false, "killed");
      return Reflect.get(target, key);
    },
  });
}

Deno.test("what was added before is there, whatever could not be added", () => {
  withFile((path) => {
    fc.assert(fc.property(fc.nat(20), fc.string(), (room, before) => {
      Deno.writeTextFileSync(path, before);
      const whole = openToAppend(path);
      appendText(whole, "ä first\n");
      const full = { ...whole, file: failingAt(whole.file, 1, room) };
      assertThrows(() => appendText(full, "and a second that does not fit\n"), Error, "No space");
      assertEquals(Deno.readTextFileSync(path), `${before}ä first\n`);
      appendText(whole, "third\n");
      assertEquals(Deno.readTextFileSync(path), `${before}ä first\nthird\n`);
      whole.file.close();
    }));
  });
});

Deno.test("killed at any byte, no reader meets a part of a line that is no comment", () => {
  const lines = ["Tag=0.a.read_us,0,1,2,AAAA", "Tag=0.a.write_us,0,1,2,BBBB"];
  const bytes = lines.join("\n").length + 1;
  withFile((path) => {
    const seen = new Set<string>();
    for (let nth = 1; nth <= 1 + lines.length; nth++) {
      for (let room = 0; room <= (nth === 1 ? bytes : 1); room++) {
        Deno.writeTextFileSync(path, "#head\nTag=0.a.read_us,0,1,2,CCCC\n");
        const target = openToAppend(path);
        const killed = { ...target, file: killedAt(target.file, nth, room) };
        assertThrows(() => appendLinesWhole(killed, lines), Error);
        target.file.close();
        const told = Deno.readTextFileSync(path).split("\n").slice(2).filter((line) =>
          line !== "" && !line.startsWith("#")
        );
        assertEquals(told, lines.slice(0, told.length));
        seen.add(told.join());
      }
    }
    // None of them, the first alone, and both.
    assertEquals(seen.size, 3);
  });
});

Deno.test("lines that were added whole are what they are", () => {
  withFile((path) => {
    const target = openToAppend(path);
    appendLinesWhole(target, []);
    appendLinesWhole(target, ["Tag=größe,1", "x"]);
    appendText(target, "after\n");
    target.file.close();
    assertEquals(Deno.readTextFileSync(path), "Tag=größe,1\nx\nafter\n");
  });
});
