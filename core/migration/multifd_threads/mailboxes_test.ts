import { assertEquals } from "@std/assert";
import { createSendJobs } from "../multifd/mod.ts";
import {
  awaitMail,
  createMailboxes,
  emptyMailbox,
  MAIL,
  putJob,
  stopMailboxes,
} from "./mailboxes.ts";

const empty = () => ({ device: 0, idx: 0, isConfig: false, length: 0, slot: 0 });

Deno.test("a job is in its channel's mailbox until it is taken out", () => {
  const mail = createMailboxes(createSendJobs(2, 1));
  const job = { device: 3, idx: 0xffff_fffe, isConfig: true, length: 2 ** 30, slot: -1 };
  putJob(mail, 1, job);
  const got = empty();
  assertEquals(awaitMail(mail, 1, got), MAIL.JOB);
  assertEquals(got, job);
  emptyMailbox(mail, 1);
  assertEquals(awaitMail(mail, 1, got), MAIL.EMPTY);
  assertEquals(awaitMail(mail, 0, got), MAIL.EMPTY);
});

Deno.test("a stop outlasts the job that it found, and the job that came after it", () => {
  const mail = createMailboxes(createSendJobs(1, 1));
  putJob(mail, 0, empty());
  stopMailboxes(mail);
  emptyMailbox(mail, 0);
  assertEquals(awaitMail(mail, 0, empty()), MAIL.STOP);
  putJob(mail, 0, empty());
  assertEquals(awaitMail(mail, 0, empty()), MAIL.STOP);
});
