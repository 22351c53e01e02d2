/** A device's name in the stream (facts, vfio-migration 2.9: "<device path>/vfio"). */
export function deviceIdstr(id: string): string {
  return `${id}/vfio`;
}
