/** The project's folders and files that the guest is made of. */
export const PROJECT_DIR = folder("../..");
export const VM_DIR = folder(".");
/** The synthetic device: a kernel module of ours. */
export const MODULE_DIR = `${VM_DIR}/module`;
export const KBUILD_DIR = `${VM_DIR}/kbuild`;

/** The mediated devices of mtty that every guest has. */
export const MTTY_UUIDS = [
  "83b8f4f2-509f-4e2a-8f2d-000000000001",
  "83b8f4f2-509f-4e2a-8f2d-000000000002",
] as const;

function folder(relative: string): string {
  return decodeURIComponent(new URL(relative, import.meta.url).pathname).replace(/\/+$/, "");
}
