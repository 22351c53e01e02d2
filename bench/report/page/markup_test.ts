import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { hypertext, jsonMarkup, raw } from "./markup.ts";

Deno.test("what is put into a template is text, whatever it contains", () => {
  const hostile = `</td><script>alert(1)</script>" onload='x' &amp;`;
  assertEquals(
    hypertext`<td title="${hostile}">${hostile}</td>`.text.match(/[<>"']/g)?.join(""),
    `<""><>`,
  );
  fc.assert(fc.property(fc.string(), (text) => !/[<>"']/.test(hypertext`${text}`.text)));
});

Deno.test("templates nest, lists are joined, and nothing is written for nothing", () => {
  const rows = ["a", "<"].map((text) => hypertext`<li>${text}</li>`);
  assertEquals(
    hypertext`<ul>${rows}${null}${undefined}${false}${0}</ul>`.text,
    "<ul><li>a</li><li>&lt;</li>0</ul>",
  );
  assertEquals(hypertext`${raw("<b>")}`.text, "<b>");
});

Deno.test("JSON in a script element cannot end it, and is read back as it was", () => {
  const value = { name: "</script><!--<script>", list: [1, null] };
  const { text } = jsonMarkup(value);
  assertEquals(text.includes("<"), false);
  assertEquals(JSON.parse(text), value);
});
