import { assertEquals } from "@std/assert";
import { findRun } from "./find_run.ts";
import { caseOf, runOf, writeRun } from "./testdata/synthetic.ts";

Deno.test("a run is a path, or the name of one in results; what is neither stays as it is", async () => {
  const results = `${await Deno.makeTempDir()}/`;
  try {
    writeRun(`${results}one`, runOf([caseOf(0)], []));
    assertEquals(await findRun("one", results), `${results}one`);
    assertEquals(await findRun(`${results}one`, "/nowhere/"), `${results}one`);
    assertEquals(await findRun(`${results}one/`, "/nowhere/"), `${results}one/`);
    for (const other of ["two", "./one", "../one"]) {
      assertEquals(await findRun(other, results), other);
    }
  } finally {
    await Deno.remove(results, { recursive: true });
  }
});
