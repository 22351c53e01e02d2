import { assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  type LineBuffer,
  putInteger,
  putMicroseconds,
  putNewline,
  putText,
} from "./line_buffer.ts";

function written(put: (line: LineBuffer) => void): string {
  const line = { bytes: new Uint8Array(256), used: 0 };
  put(line);
  return new TextDecoder().decode(line.bytes.subarray(0, line.used));
}

Deno.test("whole numbers are written as JSON has them", () => {
  const numbers = fc.oneof(fc.maxSafeInteger(), fc.constantFrom(0, 9, 10, -22, 2 ** 53 - 1));
  fc.assert(fc.property(numbers, (n) => {
    assertEquals(written((line) => putInteger(line, n)), JSON.stringify(n));
  }));
});

Deno.test("u64 above 2^53 are written as the number that holds them", () => {
  for (const n of [2 ** 60, 2 ** 63 - 1024, -(2 ** 60)]) {
    assertEquals(Number(written((line) => putInteger(line, n))), n);
  }
});

Deno.test("times have a tenth of a microsecond", () => {
  const texts = [0, 49, 50, 949, 950, 1_234_567, -3].map((ns) =>
    written((line) => putMicroseconds(line, ns))
  );
  assertEquals(texts, ["0.0", "0.0", "0.1", "0.9", "1.0", "1234.6", "0.0"]);
});

Deno.test("pieces follow each other", () => {
  const text = written((line) => {
    putText(line, `{"a":`);
    putInteger(line, 7);
    putText(line, "}");
    putNewline(line);
  });
  assertEquals(text, `{"a":7}\n`);
});
