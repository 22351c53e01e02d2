import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { ERRNO } from "./errno.ts";
import { AF, decodeAddress, encodeAddress, familyOf, type SocketAddress } from "./sockaddr.ts";

function roundTrip(address: SocketAddress): SocketAddress | number {
  const bytes = encodeAddress(address);
  return typeof bytes === "number" ? bytes : decodeAddress(bytes);
}

Deno.test("IPv4: family as the host orders bytes, port and address as the network does", () => {
  const bytes = encodeAddress({ kind: "tcp", host: "127.0.0.1", port: 0x1234 });
  assertEquals(bytes, Uint8Array.of(2, 0, 0x12, 0x34, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0));
});

Deno.test("IPv6: the address stands behind the flow info", () => {
  const bytes = encodeAddress({ kind: "tcp", host: "fe80::1:2", port: 443 });
  const expected = new Uint8Array(28);
  expected.set([10, 0, 1, 187]);
  expected.set([0xfe, 0x80], 8);
  expected.set([0, 1, 0, 2], 20);
  assertEquals(bytes, expected);
});

Deno.test("a unix path ends with a NUL; an abstract name begins with one and has no end", () => {
  assertEquals(
    encodeAddress({ kind: "unix", path: "/a" }),
    Uint8Array.of(1, 0, 47, 97, 0),
  );
  assertEquals(
    encodeAddress({ kind: "unix", path: "\0ab" }),
    Uint8Array.of(1, 0, 0, 97, 98),
  );
});

Deno.test("every TCP address comes back as it was", () => {
  const port = fc.nat({ max: 65535 });
  fc.assert(
    fc.property(fc.ipV4(), port, (host, port) => {
      assertEquals(roundTrip({ kind: "tcp", host, port }), { kind: "tcp", host, port });
    }),
  );
  for (const host of ["::", "::1", "2001:db8::ff00:42:8329", "fe80::1", "::ffff:10.0.0.1"]) {
    assertEquals(roundTrip({ kind: "tcp", host, port: 80 }), { kind: "tcp", host, port: 80 });
  }
});

Deno.test("every unix path up to 107 bytes comes back as it was, and a longer one is refused", () => {
  for (const length of [1, 106, 107]) {
    const file = { kind: "unix", path: "x".repeat(length) } as const;
    assertEquals(roundTrip(file), file);
    const abstract = { kind: "unix", path: "\0" + "x".repeat(length) } as const;
    assertEquals(roundTrip(abstract), abstract);
  }
  assertEquals(encodeAddress({ kind: "unix", path: "x".repeat(108) }), -ERRNO.ENAMETOOLONG);
  assertEquals(encodeAddress({ kind: "unix", path: "\0" + "x".repeat(108) }), -ERRNO.ENAMETOOLONG);
  // Bytes count, not characters.
  assertEquals(encodeAddress({ kind: "unix", path: "ä".repeat(54) }), -ERRNO.ENAMETOOLONG);
});

Deno.test("what is no address is refused", () => {
  for (const host of ["", "localhost", "1.2.3", "1.2.3.256", "::1%lo", "[::1]", "127.0.0.1\0"]) {
    assertEquals(encodeAddress({ kind: "tcp", host, port: 1 }), -ERRNO.EINVAL);
  }
  for (const port of [-1, 65536, 1.5, NaN]) {
    assertEquals(encodeAddress({ kind: "tcp", host: "::1", port }), -ERRNO.EINVAL);
  }
  for (const path of ["", "\0", "a\0b", "\0a\0"]) {
    assertEquals(encodeAddress({ kind: "unix", path }), -ERRNO.EINVAL);
  }
});

Deno.test("a literal's family is known without a look-up", () => {
  assertEquals(familyOf("10.1.2.3"), AF.AF_INET);
  assertEquals(familyOf("::"), AF.AF_INET6);
  assertEquals(familyOf("example.org"), -ERRNO.EINVAL);
});

Deno.test("a foreign family is told, and an unbound unix socket has an empty path", () => {
  assertEquals(decodeAddress(Uint8Array.of(16, 0, 0, 0)), -ERRNO.EAFNOSUPPORT);
  assertEquals(decodeAddress(Uint8Array.of(1, 0)), { kind: "unix", path: "" });
});
